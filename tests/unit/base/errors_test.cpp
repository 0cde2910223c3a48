// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>

#include <gtest/gtest.h>

TEST(Errors, a_worker_ended_by_a_signal_tells_its_number) {
    cohort::WorkerLostError lost("lost", {.pid = 7, .exitcode = -9});
    EXPECT_EQ(lost.signal(), 9);
    EXPECT_EQ(cohort::WorkerLostError("lost", {.exitcode = 3}).signal(), std::nullopt);
}
