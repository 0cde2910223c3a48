// SPDX-License-Identifier: MIT
// Twenty sellers and twenty tickets in a manager's dict: with a lock around reading and writing each is sold once.
#include <cohort/cohort.hpp>

#include <iostream>
#include <mutex>
#include <string>
#include <vector>

namespace {

using Tickets = cohort::DictProxy<std::string, int>;

void sell(const Tickets& tickets, cohort::Lock& lock) {
    const std::scoped_lock guard(lock);
    const int count = tickets["count"];
    if (count == 0) return;
    std::cout << *cohort::current_process().pid() << " gets ticket " << count << std::endl;
    tickets["count"] = count - 1;
}

}  // namespace

int main() {
    const cohort::Manager manager;
    const Tickets tickets = manager.dict<std::string, int>({{"count", 20}});
    const cohort::Lock lock;

    std::vector<cohort::Process> sellers;
    for (int i = 0; i != 20; ++i) sellers.emplace_back(sell, tickets, lock).start();
    for (auto& each : sellers) each.join();
    std::cout << "end..." << tickets["count"] << std::endl;
}
