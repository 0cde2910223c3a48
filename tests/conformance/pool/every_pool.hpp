// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/pool.hpp>
#include <cohort/pool/thread_pool.hpp>

#include "process/forkserver.hpp"
#include "support/leak_check.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>

/// A kind of pool: how its processes are started, or none for threads.
using PoolKind = std::optional<cohort::StartMethod>;

/// What pools of all kinds do, from one text: see POOL_TEST.
class EveryPoolTest : public testing::TestWithParam<PoolKind> {
protected:
    // Processes that tests start with StartMethod::forkserver come from a server that stays until the program ends.
    void SetUp() override { cohort::test::after_each_test(&cohort::process::stop_forkserver); }

    static cohort::PoolOptions options(std::size_t processes = 2) {
        return {.processes = processes, .start_method = GetParam()};
    }
};

/// Where threads differ, the text says `if constexpr (are_threads<Pool>)`.
template <class Pool>
inline constexpr bool are_threads = std::is_same_v<Pool, cohort::ThreadPool>;

/// What a task of a ThreadPool does to run until the pool ends.
inline void wait_until_stopped(const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
}

#define INSTANTIATE_EVERY_POOL(Suite)                                                                   \
    INSTANTIATE_TEST_SUITE_P(                                                                           \
        Pools, Suite,                                                                                   \
        testing::Values(PoolKind(cohort::StartMethod::fork), PoolKind(cohort::StartMethod::forkserver), \
                        PoolKind(cohort::StartMethod::spawn), PoolKind()),                              \
        [](const auto& kind) {                                                                          \
            return kind.param ? std::string(cohort::to_string(*kind.param)) : std::string("threads");   \
        })

/// As TEST_P, in a Suite that derives from EveryPoolTest; in the text `Pool` is Pool or ThreadPool, to be made with
/// options().
#define POOL_TEST(Suite, name)                                \
    class Suite##_##name##_text : public Suite {              \
    public:                                                   \
        template <class Pool>                                 \
        static void run();                                    \
    };                                                        \
    TEST_P(Suite, name) {                                     \
        if (GetParam())                                       \
            Suite##_##name##_text::run<cohort::Pool>();       \
        else                                                  \
            Suite##_##name##_text::run<cohort::ThreadPool>(); \
    }                                                         \
    template <class Pool>                                     \
    void Suite##_##name##_text::run()
