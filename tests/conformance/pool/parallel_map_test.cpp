// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/pool/parallel_map.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using cohort::parallel_map;

namespace {

int square(int i) {
    return i * i;
}

TEST(ParallelMap, over_any_range) {
    EXPECT_EQ(parallel_map(square, std::vector{1, 2, 3}), (std::vector{1, 4, 9}));
    EXPECT_EQ(parallel_map(square, {4, 5}, {.processes = 2}), (std::vector{16, 25}));
    EXPECT_EQ(parallel_map(square, std::list{6}), std::vector{36});
    EXPECT_EQ(parallel_map(square, std::vector<int>()), std::vector<int>());
}

// Neither the callable nor the items could be sent anywhere.
TEST(ParallelMap, any_callable_and_any_items) {
    std::mutex mutex;
    const std::vector<std::string> words{"a", "b"};
    std::function<std::string(const std::unique_ptr<int>&)> name = [&](const std::unique_ptr<int>& i) {
        std::scoped_lock guard(mutex);
        return words.at(static_cast<std::size_t>(*i));
    };
    std::vector<std::unique_ptr<int>> items;
    for (const int i : {1, 0, 1}) items.push_back(std::make_unique<int>(i));
    EXPECT_EQ(parallel_map(name, items, {.processes = 2}), (std::vector<std::string>{"b", "a", "b"}));
}

TEST(ParallelMap, runs_in_forks) {
    int here = 0;
    const auto pids = parallel_map(
        [&](int) {
            ++here;
            return ::getpid();
        },
        {1, 2, 3, 4}, {.processes = 2, .chunksize = 1});
    EXPECT_EQ(here, 0);
    for (const pid_t pid : pids) EXPECT_NE(pid, ::getpid());
    EXPECT_LE(std::set(pids.begin(), pids.end()).size(), 2U);
    parallel_map([](int) {}, {1, 2});
}

TEST(ParallelMap, errors_and_deaths) {
    const auto fail = [](int i) -> int { throw std::out_of_range("item " + std::to_string(i)); };
    EXPECT_THROW(parallel_map(fail, {1, 2}), std::out_of_range);
    const auto die = [](int i) { return i == 1 ? std::raise(SIGKILL) : i; };
    EXPECT_THROW(parallel_map(die, {0, 1, 2}), cohort::WorkerLostError);
}

}  // namespace
