// SPDX-License-Identifier: MIT
// Tasks of two functions in one pool: those that were submitted first are begun first.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>

namespace {

using namespace std::chrono_literals;

void cook(int n) {
    std::cout << "cook " << n << std::endl;
    std::this_thread::sleep_for(n * 20ms);
}

void wash(int n) {
    std::cout << "wash " << n << std::endl;
    std::this_thread::sleep_for(n * 20ms);
}

}  // namespace

int main() {
    cohort::Pool pool(3);
    for (const int n : cohort::range(3, 8)) pool.apply_async(cook, n);
    for (const int n : cohort::range(3, 8)) pool.apply_async(wash, n);
    pool.close();
    pool.join();
    std::cout << "finish" << std::endl;
}
