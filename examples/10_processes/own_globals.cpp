// SPDX-License-Identifier: MIT
// Each process has its own global variables: a change in the child is not seen in the parent.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

int x = 100;

void change() {
    std::cout << "child: " << x << '\n';
    x = 10;
    std::cout << "child: " << x << '\n';
}

}  // namespace

int main() {
    std::cout << "parent: " << x << std::endl;
    cohort::Process child(change);
    child.start();
    child.join();
    std::cout << "parent: " << x << '\n';
}
