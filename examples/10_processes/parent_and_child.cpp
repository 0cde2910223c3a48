// SPDX-License-Identifier: MIT
// Parent and child tell each other's pid, as os.fork() is used to show.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

void speak() {
    const auto child = *cohort::current_process().pid();
    const auto parent = cohort::parent_process()->pid();
    std::cout << "I am child process " << child << ", my parent is " << parent << '.' << std::endl;
}

}  // namespace

int main() {
    cohort::Process child(speak);
    child.start();
    const auto parent = *cohort::current_process().pid();
    std::cout << "I (" << parent << ") just created a child process (" << *child.pid() << ")." << std::endl;
}
