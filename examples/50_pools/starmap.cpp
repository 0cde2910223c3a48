// SPDX-License-Identifier: MIT
// map() gives its function one argument; starmap() spreads tuples of them.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <tuple>
#include <vector>

namespace {

std::string bill(const std::string& name, int count, double price) {
    return name + ": " + std::to_string(static_cast<int>(count * price));
}

}  // namespace

int main() {
    const std::vector<std::tuple<std::string, int, double>> orders{
        {"tea", 4, 2.5}, {"coffee", 2, 3}, {"cake", 10, 4.5}};
    cohort::Pool pool(2);
    for (const std::string& line : pool.starmap(bill, orders)) std::cout << line << '\n';
}
