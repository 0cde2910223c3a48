// SPDX-License-Identifier: MIT
// A dict and a list that several processes fill.
#include <cohort/cohort.hpp>

#include <iostream>
#include <random>
#include <vector>

namespace {

void fill(const cohort::DictProxy<int, int>& dict, const cohort::ListProxy<int>& list) {
    std::random_device random;
    dict[std::uniform_int_distribution(1, 50)(random)] = std::uniform_int_distribution(51, 100)(random);
    list.append(*cohort::current_process().pid());
    std::cout << list << std::endl;
}

}  // namespace

int main() {
    const cohort::Manager manager;
    const auto dict = manager.dict<int, int>();
    const auto list = manager.list<int>({0, 1, 2, 3, 4});

    std::vector<cohort::Process> processes;
    for (int i = 0; i != 10; ++i) processes.emplace_back(fill, dict, list).start();
    for (auto& each : processes) each.join();
    std::cout << dict << '\n' << list << '\n';
}
