// SPDX-License-Identifier: MIT
// A process without a target is started, does nothing, and ends well.
#include <cohort/cohort.hpp>

#include <iostream>

int main() {
    cohort::Process nothing;
    nothing.start();
    nothing.join();
    std::cout << "exit code " << *nothing.exitcode() << "\nfinish\n";
}
