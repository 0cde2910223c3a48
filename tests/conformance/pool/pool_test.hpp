// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/pool.hpp>

#include "process/forkserver.hpp"
#include "support/leak_check.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

/// What every pool of processes does, whichever way its workers are started.
class PoolTest : public testing::TestWithParam<cohort::StartMethod> {
protected:
    // Processes that tests start with StartMethod::forkserver come from a server that stays until the program ends.
    void SetUp() override { cohort::test::after_each_test(&cohort::process::stop_forkserver); }

    cohort::PoolOptions options(std::size_t processes = 2) const {
        return {.processes = processes, .start_method = GetParam()};
    }
};

#define INSTANTIATE_POOL_TESTS(Suite)                                                                            \
    INSTANTIATE_TEST_SUITE_P(                                                                                    \
        StartMethods, Suite,                                                                                     \
        testing::Values(cohort::StartMethod::fork, cohort::StartMethod::forkserver, cohort::StartMethod::spawn), \
        [](const auto& method) { return std::string(cohort::to_string(method.param)); })
