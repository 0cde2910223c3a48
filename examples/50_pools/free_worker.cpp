// SPDX-License-Identifier: MIT
// Five tasks for three workers: whoever is free takes the next one.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>

namespace {

using namespace std::chrono_literals;

void work(int n) {
    std::cout << "task " << n << " begins" << std::endl;
    std::this_thread::sleep_for(n * 50ms);
    std::cout << "task " << n << " ends" << std::endl;
}

}  // namespace

int main() {
    cohort::Pool pool(3);
    for (const int n : cohort::range(3, 8)) pool.apply_async(work, n);
    pool.close();
    pool.join();
    std::cout << "finish" << std::endl;
}
