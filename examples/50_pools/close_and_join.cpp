// SPDX-License-Identifier: MIT
// close(): no more tasks. join(): wait until those there are have ended, and the workers with them.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

void work(cohort::Event& submitted, int) {
    submitted.wait();
    std::cout << "in process " << *cohort::current_process().pid() << std::endl;
}

}  // namespace

int main() {
    cohort::Event submitted;
    cohort::Pool pool(5);
    for (const int i : cohort::range(10)) pool.apply_async(work, submitted, i);
    try {
        pool.join();
    } catch (const cohort::ValueError& error) {
        std::cout << "join before close: " << error.what() << '\n';
    }

    pool.close();
    try {
        pool.apply_async(work, submitted, 10);
    } catch (const cohort::ValueError& error) {
        std::cout << "a task after close: " << error.what() << '\n';
    }

    std::cout << "all submitted" << std::endl;
    submitted.set();
    pool.join();
    std::cout << "end" << std::endl;
}
