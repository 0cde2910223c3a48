// SPDX-License-Identifier: MIT
// Clients of a manager are killed within their calls: the server goes on, and nothing of them is left in it.
#include <cohort/manager/manager.hpp>
#include <cohort/process/process.hpp>

#include "support/counts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

/// Makes objects, stores them in each other, waits, and changes what all share, for ever.
void use_everything(const Manager& manager, const DictProxy<int, int>& shared, int number) {
    for (;;) {
        const auto list = manager.list<ListProxy<int>>();
        list.append(manager.list<int>({1, 2, 3}));
        list.at(0).append(number);
        shared[number] += 1;
        shared.update_with(number, [](int n) { return n + 1; });
        manager.Event().wait(1ms);
    }
}

TEST(ManagerKills, clients_that_are_killed_leave_nothing_in_the_server) {
    const std::size_t kills = test::repetitions(1000);
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << '\n';
    std::minstd_rand random(seed);
    const Manager manager;
    const auto shared = manager.dict<int, int>();
    const auto start = [&](int number) {
        Process client([&manager, &shared, number] { use_everything(manager, shared, number); });
        client.start();
        return client;
    };
    std::vector<Process> clients;
    for (int i = 0; i < 4; ++i) {
        shared[i] = 0;
        clients.push_back(start(i));
    }
    for (std::size_t i = 0; i < kills; ++i) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
        Process& victim = clients[i % 4];
        victim.kill();
        victim.join();
        victim = start(static_cast<int>(i % 4));
    }
    for (Process& each : clients) {
        each.kill();
        each.join();
    }
    while (manager.number_of_objects() != 1) std::this_thread::yield();
    EXPECT_EQ(shared.size(), 4U);
}

}  // namespace
