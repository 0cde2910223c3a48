// SPDX-License-Identifier: MIT
// Processes of a pool are killed at random moments: results stay complete and right, and nothing outlives the parent.
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>

#include "chaos/worker_killer.hpp"
#include "support/counts.hpp"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr unsigned kSeed = 20'000;
constexpr long kTasks = 20'000;

long twice(long i) {
    volatile long sum = 0;
    for (long k = 0; k != 20'000; ++k) sum = sum + k;
    return 2 * i;
}

std::vector<int> reversed(const std::vector<int>& values) {
    return {values.rbegin(), values.rend()};
}

class PoolChaos : public testing::TestWithParam<cohort::StartMethod> {};
INSTANTIATE_TEST_SUITE_P(StartMethods, PoolChaos,
                         testing::Values(cohort::StartMethod::fork, cohort::StartMethod::forkserver,
                                         cohort::StartMethod::spawn),
                         [](const auto& method) { return std::string(cohort::to_string(method.param)); });

/// In a process of its own: a pool whose workers are busy. Its parent is told when they are.
[[noreturn]] void be_a_parent(cohort::StartMethod method, int ready) {
    cohort::Pool pool({.processes = 3, .start_method = method});
    pool.map(twice, cohort::range(10L));
    if (write(ready, "x", 1) != 1) _exit(1);
    for (;;) pool.map(twice, cohort::range(1000L), {.chunksize = 1});
}

}  // namespace

TEST_P(PoolChaos, results_are_complete_and_right_however_many_workers_are_killed) {
    cohort::Pool pool({.processes = 4, .start_method = GetParam()});
    for (const std::size_t chunksize : {0u, 1u, 50u}) {
        const cohort::test::WorkerKiller killer(pool, cohort::test::repetitions(200) / 3 + 1, kSeed);
        do {
            const auto results = pool.map(twice, cohort::range(kTasks), {.chunksize = chunksize, .retries = 1000});
            for (long i = 0; i != kTasks; ++i) ASSERT_EQ(results[static_cast<std::size_t>(i)], 2 * i) << kSeed;
        } while (killer.is_busy());
    }
}

// Arguments and results are on their way in parts.
TEST_P(PoolChaos, long_results_are_complete_and_right_however_many_workers_are_killed) {
    cohort::Pool pool({.processes = 4, .start_method = GetParam()});
    std::vector<std::vector<int>> items;
    for (int i = 0; i != 50; ++i) items.emplace_back(std::size_t{600'000}, i);
    const cohort::test::WorkerKiller killer(pool, cohort::test::repetitions(200) / 3 + 1, kSeed);
    do {
        const auto results = pool.map(reversed, items, {.chunksize = 1, .retries = 1000});
        for (std::size_t i = 0; i != items.size(); ++i) ASSERT_TRUE(results[i] == reversed(items[i])) << kSeed;
    } while (killer.is_busy());
}

TEST_P(PoolChaos, nothing_outlives_a_killed_parent) {
    // Orphans become children of this process, so that their ends can be waited for.
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    std::mt19937 random(kSeed);
    for (std::size_t left = cohort::test::repetitions(100); left != 0; --left) {
        int ready[2];
        ASSERT_EQ(pipe(ready), 0);
        const pid_t parent = fork();
        if (parent == 0) be_a_parent(GetParam(), ready[1]);
        close(ready[1]);
        char byte = 0;
        ASSERT_EQ(read(ready[0], &byte, 1), 1);
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 5'000));
        ASSERT_EQ(kill(parent, SIGKILL), 0);
        close(ready[0]);
        const auto killed = std::chrono::steady_clock::now();
        while (waitpid(-1, nullptr, 0) > 0) {
        }
        EXPECT_EQ(errno, ECHILD);
        // Promised are 2 seconds.
        EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(20));
    }
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}
