// SPDX-License-Identifier: MIT
#include "chaos/manager_kills.hpp"

#include <gtest/gtest.h>

namespace {

TEST(ManagerKillsLong, a_thousand_clients) {
    cohort::test::kill_clients(1000);
}

TEST(ManagerKillsLong, a_hundred_servers) {
    cohort::test::kill_servers(100);
}

}  // namespace
