// SPDX-License-Identifier: MIT
#include "os/eventfd.hpp"

#include "os/fork.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;

TEST(Eventfd, counts) {
    Eventfd event(2);
    event.add();
    event.add(4);
    EXPECT_TRUE(event.wait(0s));
    EXPECT_EQ(event.take(), 7U);
    EXPECT_EQ(event.take(), 0U);
    EXPECT_FALSE(event.wait(0s));
}

TEST(Eventfd, is_full_without_waiting) {
    Eventfd event;
    event.add(std::numeric_limits<std::uint64_t>::max() - 1);
    event.add(5);
    EXPECT_EQ(event.take(), std::numeric_limits<std::uint64_t>::max() - 1);
}

TEST(Eventfd, is_one_in_parent_and_child) {
    Eventfd event;
    auto forked = fork_process();
    if (forked.in_child()) {
        event.add(3);
        ::_exit(0);
    }
    EXPECT_TRUE(event.wait(cohort::forever));
    EXPECT_EQ(event.take(), 3U);
    forked.process.wait(cohort::forever);
}

}  // namespace
