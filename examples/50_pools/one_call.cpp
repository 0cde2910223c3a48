// SPDX-License-Identifier: MIT
// The result of one call in a process of its own, without a pool: any callable will do.
#include <cohort/cohort.hpp>

#include <iostream>
#include <numeric>
#include <string>
#include <vector>

int main() {
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 1);

    const auto sum = cohort::call_async([&] { return std::accumulate(numbers.begin(), numbers.end(), 0); });
    std::cout << "sum " << sum.get() << '\n';

    const auto parts = cohort::parallel_map([&](int i) { return i * numbers.back(); }, cohort::range(5));
    for (const int part : parts) std::cout << part << ' ';
    std::cout << '\n';
}
