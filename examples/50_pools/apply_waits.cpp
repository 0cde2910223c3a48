// SPDX-License-Identifier: MIT
// apply() waits for its result: one task after the other, however many workers there are.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

int power(int base, int exponent) {
    std::cout << "task " << base << " begins in process " << *cohort::current_process().pid() << std::endl;
    std::this_thread::sleep_for(50ms);
    int result = 1;
    for (int i = 0; i != exponent; ++i) result *= base;
    std::cout << "task " << base << " ends" << std::endl;
    return result;
}

}  // namespace

int main() {
    cohort::Pool pool(3);
    std::vector<int> squares;
    for (const int i : cohort::range(7)) squares.push_back(pool.apply(power, i, 2));
    for (const int square : squares) std::cout << square << ' ';
    std::cout << "\nend" << std::endl;
}
