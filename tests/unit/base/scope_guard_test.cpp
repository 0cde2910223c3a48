// SPDX-License-Identifier: MIT
#include <cohort/base/scope_guard.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace {

using cohort::detail::ScopeGuard;

TEST(ScopeGuard, runs_whichever_way_the_scope_is_left) {
    int runs = 0;
    {
        ScopeGuard guard([&] { ++runs; });
        EXPECT_EQ(runs, 0);
    }
    try {
        ScopeGuard guard([&] { ++runs; });
        throw std::runtime_error("leaves");
    } catch (const std::runtime_error&) {
    }
    EXPECT_EQ(runs, 2);
}

TEST(ScopeGuard, does_not_run_when_dismissed) {
    int runs = 0;
    {
        ScopeGuard guard([&] { ++runs; });
        guard.dismiss();
    }
    EXPECT_EQ(runs, 0);
}

}  // namespace
