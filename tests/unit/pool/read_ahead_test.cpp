// SPDX-License-Identifier: MIT
#include "pool/read_ahead.hpp"

#include <gtest/gtest.h>

namespace cohort::pool {
namespace {

using namespace std::chrono_literals;

constexpr ReadAhead::Clock::time_point kBegin{1h};

TEST(ReadAhead, is_short_while_tasks_are_long) {
    ReadAhead ahead(0, 1, 2);
    auto now = kBegin;
    for (std::size_t ended = 0; ended != 100; ++ended) {
        EXPECT_EQ(ahead.items(), 8U);
        ahead.measure(ended, 2, now += 20ms);
    }
}

TEST(ReadAhead, grows_while_tasks_are_tiny_and_shrinks_when_they_are_not) {
    ReadAhead ahead(0, 1, 2);
    auto now = kBegin;
    std::size_t ended = 0;
    for (int i = 0; i != 100; ++i) ahead.measure(ended += 2 * ahead.items(), 2, now += 10us);
    EXPECT_EQ(ahead.items(), ReadAhead::kMost);
    ahead.measure(ended + 1, 2, now + 20ms);
    EXPECT_EQ(ahead.items(), 8U);
}

TEST(ReadAhead, does_not_take_results_that_lay_there_for_speed) {
    ReadAhead ahead(0, 1, 2);
    ahead.measure(0, 2, kBegin);
    ahead.measure(8, 2, kBegin + 1us);
    EXPECT_EQ(ahead.items(), 8U);
}

TEST(ReadAhead, counts_chunks) {
    ReadAhead ahead(0, 10, 4);
    EXPECT_EQ(ahead.items(), 160U);
    ahead.measure(0, 4, kBegin);
    ahead.measure(400, 4, kBegin + 10ms);
    EXPECT_EQ(ahead.items(), 400U);
}

TEST(ReadAhead, is_what_the_caller_chose) {
    ReadAhead ahead(3, 10, 4);
    ahead.measure(0, 4, kBegin);
    ahead.measure(1000, 4, kBegin + 1us);
    EXPECT_EQ(ahead.items(), 3U);
}

}  // namespace
}  // namespace cohort::pool
