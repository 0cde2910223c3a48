// SPDX-License-Identifier: MIT
#include "chaos/manager_kills.hpp"

#include <gtest/gtest.h>

namespace {

TEST(ManagerKills, clients_that_are_killed_leave_nothing_in_the_server) {
    cohort::test::kill_clients(100);
}

TEST(ManagerKills, the_end_of_the_server_is_an_error_of_each_client_that_names_it) {
    cohort::test::kill_servers(6);
}

}  // namespace
