// SPDX-License-Identifier: MIT
// Twenty sellers and twenty tickets in a manager's dict: a change that is one call needs no lock.

// [program]
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

using Tickets = cohort::DictProxy<std::string, int>;

void sell(const Tickets& tickets) {
    int count = tickets["count"];
    while (count > 0 && !tickets.compare_exchange("count", count, count - 1)) {
    }  // it was sold meanwhile; count is what is left now
    if (count > 0) std::cout << *cohort::current_process().pid() << " gets ticket " << count << std::endl;
    tickets["visitors"] += 1;
}

}  // namespace

int main() {
    const cohort::Manager manager;
    const Tickets tickets = manager.dict<std::string, int>({{"count", 20}, {"visitors", 0}});

    std::vector<cohort::Process> sellers;
    for (int i = 0; i != 25; ++i) sellers.emplace_back(sell, tickets).start();
    for (auto& each : sellers) each.join();
    std::cout << "end..." << tickets << std::endl;
}
// [/program]
