// SPDX-License-Identifier: MIT
#include "process/exit_hook.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstddef>

namespace cohort::process {
namespace {

// The C library keeps 32 handlers in a block, and asks for another block when one is full.
TEST(ExitHook, many_starts_leave_one_handler) {
    renew_exit_hook();
    const std::size_t before = ::mallinfo2().uordblks;
    for (int i = 0; i < 1000; ++i) renew_exit_hook();
    EXPECT_EQ(::mallinfo2().uordblks, before);
}

}  // namespace
}  // namespace cohort::process
