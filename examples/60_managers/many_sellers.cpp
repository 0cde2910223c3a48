// SPDX-License-Identifier: MIT
// Two hundred processes on one proxy: each connects to the manager when it first uses it, and none is turned away.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

void sell(const cohort::DictProxy<std::string, int>& tickets) {
    tickets["count"] -= 1;
}

}  // namespace

int main() {
    const cohort::Manager manager;
    const auto tickets = manager.dict<std::string, int>({{"count", 200}});

    std::vector<cohort::Process> sellers;
    for (int i = 0; i != 200; ++i) sellers.emplace_back(sell, tickets).start();
    int failed = 0;
    for (auto& each : sellers) {
        each.join();
        failed += each.exitcode() == 0 ? 0 : 1;
    }
    std::cout << failed << " failed, end..." << tickets["count"] << '\n';
}
