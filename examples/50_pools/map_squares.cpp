// SPDX-License-Identifier: MIT
// map() calls a function for each item, in several processes, and returns the results in the order of the items.

// [program]
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

int square(int n) {
    return n * n;
}

}  // namespace

int main() {
    cohort::Pool pool(4);
    for (const int each : pool.map(square, cohort::range(10))) std::cout << each << ' ';
    std::cout << '\n';

    for (const int each : pool.map(square, {20, 30})) std::cout << each << ' ';  // map() does not close the pool
    std::cout << '\n';
}
// [/program]
