// SPDX-License-Identifier: MIT
// Waits for a process: what stands after join() comes after all that the child does.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>

namespace {

void run_proc(const std::string& name) {
    std::cout << "Run child process " << name << " (" << *cohort::current_process().pid() << ")...\n";
}

}  // namespace

int main() {
    std::cout << "Parent process " << *cohort::current_process().pid() << ".\n";
    cohort::Process child(run_proc, "test");
    std::cout << "Child process will start." << std::endl;
    child.start();
    child.join();
    std::cout << "Child process end.\n";
}
