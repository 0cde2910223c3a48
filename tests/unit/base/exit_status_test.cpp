// SPDX-License-Identifier: MIT
#include <cohort/base/exit_status.hpp>

#include <gtest/gtest.h>

namespace {

using cohort::ExitStatus;

TEST(ExitStatus, a_code_is_no_signal) {
    constexpr auto status = ExitStatus::exited(9);
    EXPECT_EQ(status.code(), 9);
    EXPECT_EQ(status.signal(), std::nullopt);
    EXPECT_EQ(status.exitcode(), 9);
    EXPECT_NE(status, ExitStatus::signaled(9));
    EXPECT_FALSE(status.success());
    EXPECT_TRUE(ExitStatus::exited(0).success());
}

TEST(ExitStatus, a_signal_is_negative_as_in_python) {
    constexpr auto status = ExitStatus::signaled(11, true);
    EXPECT_EQ(status.code(), std::nullopt);
    EXPECT_EQ(status.signal(), 11);
    EXPECT_EQ(status.exitcode(), -11);
    EXPECT_TRUE(status.core_dumped());
    EXPECT_FALSE(status.success());
}

}  // namespace
