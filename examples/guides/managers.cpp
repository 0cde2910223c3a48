// SPDX-License-Identifier: MIT
// What docs/guides/managers.md quotes.
#include <cohort/cohort.hpp>

#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace {

// [manager]
using Stock = cohort::DictProxy<std::string, int>;

void sell(const Stock& stock, const cohort::ListProxy<int>& sold) {
    const int left = stock.update_with("tickets", [](int n) { return n - 1; });
    sold.append(left + 1);
}

void tickets() {
    const cohort::Manager manager;
    const auto stock = manager.dict<std::string, int>({{"tickets", 20}});
    const auto sold = manager.list<int>();
    std::vector<cohort::Process> sellers;
    for (int i = 0; i < 20; ++i) sellers.emplace_back(sell, stock, sold);
    for (auto& each : sellers) each.start();
    for (auto& each : sellers) each.join();
    sold.sort();
    std::cout << sold << '\n' << stock << '\n';
}
// [/manager]

// [register]
std::map<std::string, double> rates() {
    return {{"EUR", 1.0}, {"USD", 1.1}};
}

void registered() {
    cohort::BaseManager manager({.authkey = "abc"});
    manager.register_type("rates", rates);
    manager.register_type("add", [](int a, int b) { return a + b; });
    manager.start();

    cohort::BaseManager client({.address = manager.address(), .authkey = "abc"});
    client.connect();
    const auto shared = client.call<cohort::DictProxy<std::string, double>>("rates");
    shared["USD"] = 1.2;
    std::cout << shared << ' ' << client.call<int>("add", 2, 3) << '\n';
}
// [/register]

}  // namespace

int main() {
    tickets();
    registered();
}
