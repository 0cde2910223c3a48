// SPDX-License-Identifier: MIT
#include "pool/pacing.hpp"

#include <gtest/gtest.h>

using cohort::pool::Pacing;
using namespace std::chrono_literals;

TEST(Pacing, few_tasks_wait_while_they_are_long) {
    Pacing pacing(2, 4096);
    Pacing::Clock::time_point now(1s);
    for (std::uint64_t taken = 0; taken != 100; ++taken) pacing.measure(taken, 1, now += 50ms);
    EXPECT_EQ(pacing.window(), 4u);
    EXPECT_TRUE(pacing.tasks_are_long());
}

TEST(Pacing, thousands_wait_while_they_are_tiny) {
    Pacing pacing(2, 4096);
    Pacing::Clock::time_point now(1s);
    std::uint64_t taken = 0;
    for (int i = 0; i != 100; ++i) pacing.measure(taken += pacing.window(), 0, now += 10us);
    EXPECT_EQ(pacing.window(), 4096u);
    EXPECT_FALSE(pacing.tasks_are_long());
}

TEST(Pacing, workers_that_ran_dry_get_more) {
    Pacing pacing(2, 4096);
    const std::size_t before = pacing.window();
    pacing.measure(before, 0, Pacing::Clock::time_point(1s));
    EXPECT_GE(pacing.window(), 2 * before);
}

TEST(Pacing, large_payloads_wait_two_for_each_worker) {
    Pacing pacing(2, 4096);
    pacing.measure(1000, 0, Pacing::Clock::time_point(1s));  // more room than the bound on bytes leaves
    EXPECT_TRUE(pacing.may_put(4, 0));
    EXPECT_TRUE(pacing.may_put(3, 100 * Pacing::kMostBytes));
    EXPECT_FALSE(pacing.may_put(4, 100 * Pacing::kMostBytes));
}

TEST(Pacing, few_chunks_wait) {
    Pacing pacing(2, 4096);
    Pacing::Clock::time_point now(1s);
    std::uint64_t taken = 0;
    for (int i = 0; i != 100; ++i) pacing.measure(taken += pacing.window(), 0, now += 10us);
    pacing.take_chunks(true);
    EXPECT_EQ(pacing.window(), 8u);
    EXPECT_FALSE(pacing.may_put(8, 0));
    pacing.take_chunks(false);
    EXPECT_EQ(pacing.window(), 4096u);
}
