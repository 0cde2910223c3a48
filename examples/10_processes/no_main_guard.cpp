// SPDX-License-Identifier: MIT
// No guard stands around main: a child begins with its target and never enters main, however it was started.
#include <cohort/cohort.hpp>

#include <iostream>

int main() {
    std::cout << "main runs" << std::endl;
    cohort::Process child([] { std::cout << "the child runs\n"; });
    child.start();
    child.join();
    std::cout << "main ends\n";
}
