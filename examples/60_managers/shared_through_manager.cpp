// SPDX-License-Identifier: MIT
// A manager has more than dicts and lists: queues, events, locks, values; and proxies are messages, too.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>

namespace {

using Orders = cohort::QueueProxy<std::string>;

void cook(const Orders& orders, const cohort::ListProxy<std::string>& table, const cohort::EventProxy& done) {
    for (int i = 0; i != 2; ++i) table.append("hot " + orders.get());
    done.set();
}

}  // namespace

int main() {
    const cohort::Manager manager;
    const auto orders = manager.Queue<std::string>();
    const auto table = manager.list<std::string>();
    const auto done = manager.Event();
    const auto kitchen = manager.Namespace(cohort::kw("open", true));

    cohort::Process process(cook, orders, table, done);
    process.start();
    orders.put("soup");
    orders.put("tea");
    done.wait();
    kitchen.set("open", false);
    process.join();
    std::cout << table << ", open: " << std::boolalpha << kitchen.get<bool>("open") << '\n';
}
