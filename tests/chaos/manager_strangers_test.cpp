// SPDX-License-Identifier: MIT
// Peers without the key keep a manager's server busy: who has the key is served.
#include <cohort/manager/manager.hpp>

#include "chaos/strangers.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace cohort::test {
namespace {

class ManagerStrangers : public testing::TestWithParam<Address> {};
INSTANTIATE_TEST_SUITE_P(, ManagerStrangers, testing::Values(Address(), Address::tcp("127.0.0.1", 0)));

TEST_P(ManagerStrangers, hold_up_nobody) {
    const Manager manager({.address = GetParam()});
    const auto shared = manager.dict<std::string, int>({{"count", 0}});
    const Strangers strangers(manager.address(), 5'000);
    for (int i = 0; i != 200; ++i) shared["count"] += 1;
    std::vector<std::jthread> clients;  // each connects
    for (int i = 0; i != 5; ++i)
        clients.emplace_back([&] {
            for (int j = 0; j != 20; ++j) shared["count"] += 1;
        });
    clients.clear();
    EXPECT_EQ(shared["count"], 300);
    EXPECT_EQ(manager.number_of_objects(), 1U);
}

}  // namespace
}  // namespace cohort::test
