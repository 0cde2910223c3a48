// SPDX-License-Identifier: MIT
// Twenty sellers and twenty tickets in a manager's dict, without a lock: who reads, decides and writes sells some
// twice.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

using Tickets = cohort::DictProxy<std::string, int>;

void sell(const Tickets& tickets, cohort::Barrier& all_are_here) {
    all_are_here.wait();
    const int count = tickets["count"];
    if (count == 0) return;
    std::cout << *cohort::current_process().pid() << " gets ticket " << count << std::endl;
    tickets["count"] = count - 1;  // the others may have sold this one meanwhile
}

}  // namespace

int main() {
    const cohort::Manager manager;
    const Tickets tickets = manager.dict<std::string, int>({{"count", 20}});
    cohort::Barrier all_are_here(20);

    std::vector<cohort::Process> sellers;
    for (int i = 0; i != 20; ++i) sellers.emplace_back(sell, tickets, all_are_here).start();
    for (auto& each : sellers) each.join();
    std::cout << "end..." << tickets["count"] << std::endl;
}
