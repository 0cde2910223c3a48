// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/base/timeout.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace {

using cohort::Deadline;
using cohort::Timeout;
using namespace std::chrono_literals;

TEST(Timeout, converts_from_any_duration) {
    EXPECT_TRUE(Timeout(cohort::forever).is_forever());
    EXPECT_EQ(Timeout(2s).duration(), 2s);
    EXPECT_EQ(Timeout(std::chrono::duration<double>(0.5)).duration(), 500ms);
    EXPECT_TRUE(Timeout(0s).polls());
    EXPECT_TRUE(Timeout(-1ms).polls());
    EXPECT_FALSE(Timeout(1ns).polls());
}

TEST(Timeout, what_the_clock_cannot_count_is_for_ever) {
    EXPECT_TRUE(Timeout(std::chrono::hours::max()).is_forever());
    EXPECT_TRUE(Timeout(std::chrono::duration<double>(std::numeric_limits<double>::infinity())).is_forever());
    EXPECT_TRUE(Deadline(Timeout(std::chrono::hours::max())).is_forever());
}

TEST(Timeout, what_is_not_a_number_is_refused) {
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(Timeout{nan}, cohort::ValueError);
    EXPECT_TRUE(Timeout(std::chrono::duration<double>(std::numeric_limits<double>::infinity())).is_forever());
    EXPECT_TRUE(Timeout(std::chrono::duration<double>(-std::numeric_limits<double>::infinity())).polls());
}

TEST(Deadline, begins_when_it_is_made) {
    Deadline soon(1h);
    EXPECT_FALSE(soon.passed());
    EXPECT_GT(*soon.left(), 59min);
    EXPECT_TRUE(Deadline(0s).passed());
    EXPECT_EQ(Deadline(-5s).left(), 0s);
    EXPECT_EQ(Deadline(cohort::forever).left(), std::nullopt);
    EXPECT_FALSE(Deadline(cohort::forever).passed());
}

}  // namespace
