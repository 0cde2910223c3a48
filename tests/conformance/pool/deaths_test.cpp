// SPDX-License-Identifier: MIT
#include "conformance/pool/pool_test.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/serial/partial.hpp>

#include "support/leak_check.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>
#include <vector>

namespace {

class PoolDeaths : public PoolTest {};
INSTANTIATE_POOL_TESTS(PoolDeaths);

int square(int i) {
    return i * i;
}
int die_at_3(int i) {
    if (i == 3) raise(SIGKILL);
    return i;
}
void no_core_file() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

/// Counts its calls in a file, since a worker's memory goes with it: dies in the first `deaths` of them.
int die_at_first(const std::string& path, int deaths, int i) {
    std::ofstream(path, std::ios::app) << 'x';
    if (std::filesystem::file_size(path) <= static_cast<std::uintmax_t>(deaths)) raise(SIGKILL);
    return i;
}

std::string fresh_file() {
    const std::string path = cohort::test::temporary_folder() + "/calls";
    std::filesystem::remove(path);
    return path;
}

template <class Call>
cohort::WorkerLostError loss_of(Call&& call) {
    try {
        call();
    } catch (const cohort::WorkerLostError& error) {
        return error;
    }
    return {"nobody was lost", {}};
}

}  // namespace

TEST_P(PoolDeaths, the_task_of_a_killed_worker_fails_with_all_that_is_known) {
    cohort::Pool pool({.processes = 2, .start_method = GetParam(), .name = "victims"});
    const auto pids = pool.worker_pids();
    const auto lost = loss_of([&] { pool.map(die_at_3, cohort::range(6), {.chunksize = 2}); });
    EXPECT_EQ(lost.signal(), SIGKILL);
    EXPECT_EQ(lost.exitcode(), -SIGKILL);
    EXPECT_EQ(lost.task_index(), 3u);
    EXPECT_FALSE(lost.out_of_memory());
    EXPECT_NE(std::find(pids.begin(), pids.end(), lost.pid()), pids.end());
    const std::string text = lost.what();
    for (const std::string& part :
         std::vector<std::string>{"victims", "SIGKILL", "item 3", "die_at_3", std::to_string(lost.pid())})
        EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
}

TEST_P(PoolDeaths, every_way_to_die_is_told) {
    cohort::Pool pool(options(1), no_core_file);
    EXPECT_EQ(loss_of([&] { pool.apply([] { _exit(7); }); }).exitcode(), 7);
    EXPECT_EQ(loss_of([&] { pool.apply([] { std::exit(8); }); }).exitcode(), 8);
    EXPECT_EQ(loss_of([&] { pool.apply([] { ::pthread_exit(nullptr); }); }).exitcode(), 0);
    EXPECT_EQ(loss_of([&] { pool.apply([] { _exit(0); }); }).signal(), std::nullopt);
    EXPECT_EQ(loss_of([&] { pool.apply([] { std::abort(); }); }).signal(), SIGABRT);
    EXPECT_EQ(loss_of([&] { pool.apply([] { raise(SIGTERM); }); }).signal(), SIGTERM);
    EXPECT_EQ(loss_of([&] { pool.apply([] { std::terminate(); }); }).signal(), SIGABRT);
    EXPECT_EQ(loss_of([&] { pool.apply([] { _exit(1); }); }).task_index(), std::nullopt);
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST_P(PoolDeaths, no_other_task_is_touched) {
    const std::string path = fresh_file();
    for (const std::size_t chunksize : {1u, 5u, 100u}) {
        cohort::Pool pool(options(2));
        EXPECT_EQ(loss_of([&] {
                      pool.map(cohort::partial(
                                   [](const std::string& calls, int i) {
                                       if (i == 40) raise(SIGKILL);
                                       std::ofstream(calls, std::ios::app) << 'x';
                                   },
                                   path),
                               cohort::range(100), {.chunksize = chunksize});
                  }).task_index(),
                  40u);
        EXPECT_EQ(std::filesystem::file_size(path), 99u) << chunksize;
        std::filesystem::remove(path);
    }
}

TEST_P(PoolDeaths, an_item_with_retries_left_runs_again) {
    const std::string path = fresh_file();
    cohort::Pool pool(options(2));
    EXPECT_EQ(pool.map(cohort::partial(die_at_first, path, 3), {7}, {.retries = 3}), std::vector<int>{7});
    EXPECT_EQ(std::filesystem::file_size(path), 4u);
    std::filesystem::remove(path);
    EXPECT_EQ(loss_of([&] { pool.map(cohort::partial(die_at_first, path, 3), {7}, {.retries = 2}); }).signal(),
              SIGKILL);
    EXPECT_EQ(std::filesystem::file_size(path), 3u);
    std::filesystem::remove(path);
}

TEST_P(PoolDeaths, a_worker_that_dies_idle_is_replaced) {
    cohort::Pool pool(options(2));
    const auto before = pool.worker_pids();
    ASSERT_EQ(kill(before.at(1), SIGKILL), 0);
    EXPECT_EQ(pool.map(square, cohort::range(10)).back(), 81);
    auto after = pool.worker_pids();
    while (after.at(1) == before.at(1)) after = pool.worker_pids();
    EXPECT_EQ(after.at(0), before.at(0));
    EXPECT_EQ(kill(after.at(1), 0), 0);
}

TEST_P(PoolDeaths, every_task_may_die) {
    cohort::Pool pool(options(2));
    EXPECT_EQ(loss_of([&] { pool.map([](int) { _exit(1); }, cohort::range(20)); }).task_index(), 0u);
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST_P(PoolDeaths, a_task_that_executes_another_program_is_lost) {
    cohort::Pool pool(options(1));
    const auto lost =
        loss_of([&] { pool.apply([] { execl("/bin/sleep", "sleep", "1000", static_cast<char*>(nullptr)); }); });
    EXPECT_NE(lost.pid(), 0);
    EXPECT_NE(kill(lost.pid(), 0), 0);
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST_P(PoolDeaths, a_copy_of_a_worker_ends_when_the_task_returns_in_it) {
    cohort::Pool pool(options(1));
    const auto fork_in_task = [](int i) {
        static_cast<void>(fork());
        return i;
    };
    for (int i = 0; i != 20; ++i) EXPECT_EQ(pool.apply(fork_in_task, i), i);
    EXPECT_EQ(pool.map(
                  [](int i) {
                      static_cast<void>(fork());
                      if (i == 2) throw std::runtime_error("both throw");
                      return i;
                  },
                  {1, 3, 4}),
              (std::vector<int>{1, 3, 4}));
}

TEST_P(PoolDeaths, the_death_of_the_nursery_breaks_the_pool) {
    cohort::Pool pool(options(2));
    const pid_t nursery = pool.apply([] { return getppid(); });
    std::vector<pid_t> pids = pool.worker_pids();
    EXPECT_THROW(pool.map(
                     [nursery](int i) {
                         if (i == 1) {
                             kill(nursery, SIGKILL);
                             pause();  // the kernel ends the worker
                         }
                         return i;
                     },
                     cohort::range(1000), {.chunksize = 1, .retries = 1000}),
                 cohort::BrokenPoolError);
    EXPECT_THROW(pool.apply(square, 1), cohort::BrokenPoolError);
    EXPECT_TRUE(pool.join());
}
