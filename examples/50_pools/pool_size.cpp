// SPDX-License-Identifier: MIT
// As many workers as there are processors, unless the program says how many.
#include <cohort/cohort.hpp>

#include <iostream>

int main() {
    cohort::Pool every_processor;
    const auto workers = static_cast<int>(every_processor.worker_pids().size());
    std::cout << std::boolalpha << "one for each processor: " << (workers == cohort::cpu_count()) << '\n';

    cohort::Pool three(3);
    std::cout << three.worker_pids().size() << " workers: " << three << '\n';
}
