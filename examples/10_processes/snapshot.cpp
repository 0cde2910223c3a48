// SPDX-License-Identifier: MIT
// A forked child sees memory as it was at its start; what it changes is its own.
#include <cohort/cohort.hpp>

#include <iostream>

int main() {
    int n = 100;
    cohort::Process child({.start_method = cohort::StartMethod::fork}, [&n] {
        std::cout << "subprocess: hello...n=" << n << '\n';
        n = 1;
        std::cout << "subprocess: hello...n=" << n << '\n';
    });
    child.start();
    child.join();
    std::cout << "main...n=" << n << '\n';
}
