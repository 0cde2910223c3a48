// SPDX-License-Identifier: MIT
// Chunks: of values of one size, which travel together, and of others.
#include "conformance/pool/every_pool.hpp"
#include "conformance/pool/pool_test.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>

#include "support/leak_check.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using namespace std::chrono_literals;

namespace {

class PoolChunks : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(PoolChunks);

class PoolChunkDeaths : public PoolTest {};
INSTANTIATE_POOL_TESTS(PoolChunkDeaths);

enum class Color : bool { red, green };

struct Point {
    double x = 0;
    int y = 0;
    friend bool operator==(const Point&, const Point&) = default;
};

using Large = std::array<int, 100'000>;

long square(long i) {
    return i * i;
}
std::string shout(const std::string& text) {
    return text + "!";
}
int fail_if(const std::vector<int>& bad, int i) {
    if (std::find(bad.begin(), bad.end(), i) != bad.end()) throw std::invalid_argument("bad: " + std::to_string(i));
    return 10 * i;
}
long wait_at(const cohort::Event& never, long bad, long i) {
    if (i == bad) never.wait();
    return i;
}
/// Counts its calls in a file, since a worker's memory goes with it.
template <class Result>
Result die_at(const std::string& path, long bad, long i) {
    std::ofstream(path, std::ios::app) << 'x';
    if (i == bad) raise(SIGKILL);
    return static_cast<Result>(i);
}

std::string fresh_file() {
    const std::string path = cohort::test::temporary_folder() + "/calls";
    std::filesystem::remove(path);
    return path;
}

/// Which items failed; the others must have these results.
template <class Outcomes, class Expected>
std::vector<int> failed_of(const Outcomes& outcomes, Expected expected) {
    std::vector<int> failed;
    for (int i = 0; i != static_cast<int>(outcomes.size()); ++i) {
        const auto& outcome = outcomes[static_cast<std::size_t>(i)];
        if (!outcome) {
            failed.push_back(i);
            continue;
        }
        if constexpr (!std::is_null_pointer_v<Expected>) {
            EXPECT_TRUE(outcome.value() == expected(i)) << "item " << i;
        }
    }
    return failed;
}

}  // namespace

// Four results of eight bytes fit into a message; a chunk that the pool chooses has 256 KiB.
POOL_TEST(PoolChunks, of_sizes_around_the_borders) {
    Pool pool(options());
    for (const long items : {0L, 1L, 2L, 4L, 5L, 6L, 33L, 32'768L, 32'769L, 100'000L})
        for (const std::size_t chunksize : {0UL, 2UL, 4UL, 5UL, 32'768UL, 32'769UL, 200'000UL}) {
            if (items > 10'000 && chunksize > 0 && chunksize < 100) continue;
            const auto results = pool.map(square, cohort::range(items), {.chunksize = chunksize});
            ASSERT_EQ(results.size(), static_cast<std::size_t>(items));
            for (long i = 0; i != items; ++i)
                ASSERT_EQ(results[static_cast<std::size_t>(i)], i * i) << items << " by " << chunksize;
        }
}

POOL_TEST(PoolChunks, of_results_of_any_type) {
    Pool pool(options());
    const auto three = [&](auto function) { return pool.map(function, {1, 2, 3}, {.chunksize = 3}); };
    EXPECT_EQ(three([](int i) { return i % 2 == 0; }), (std::vector<bool>{false, true, false}));
    EXPECT_EQ(three([](int i) { return static_cast<char>('a' + i); }), (std::vector<char>{'b', 'c', 'd'}));
    EXPECT_EQ(three([](int i) { return i == 2 ? Color::green : Color::red; })[1], Color::green);
    EXPECT_EQ(three([](int i) { return Point{i / 2.0, i}; })[2], (Point{1.5, 3}));
    EXPECT_EQ(three([](int i) { return std::pair(i, i % 2 == 0); })[1], std::pair(2, true));
    EXPECT_EQ(three([](int i) { return std::string(100, static_cast<char>('a' + i)); })[0], std::string(100, 'b'));
    EXPECT_EQ(three([](int) { return std::monostate(); }).size(), 3u);
    EXPECT_EQ(three([](int i) { return std::optional<int>(i == 2 ? std::nullopt : std::optional(i)); })[2], 3);
    three([](int) {});
}

POOL_TEST(PoolChunks, of_arguments_of_any_type) {
    Pool pool(options());
    const cohort::MapOptions together{.chunksize = 10};
    EXPECT_EQ(pool.map(shout, {"a", "bb", "ccc"}, together)[2], "ccc!");
    const auto length = [](const std::string& text) { return text.size(); };
    EXPECT_EQ(pool.map(length, std::vector<std::string>{"a", "", "ccc"}, together),
              (std::vector<std::size_t>{1, 0, 3}));
    EXPECT_EQ(pool.map([](bool is) { return !is; }, std::vector<bool>{true, false}, together),
              (std::vector<bool>{false, true}));
    EXPECT_EQ(pool.starmap([](double x, bool plus, char c) { return plus ? x + c : x - c; },
                           std::vector<std::tuple<double, bool, char>>{{1.5, true, 1}, {1.5, false, 1}}, together),
              (std::vector<double>{2.5, 0.5}));
    EXPECT_EQ(pool.starmap([](const std::string& text, int more) { return static_cast<int>(text.size()) + more; },
                           std::vector<std::tuple<std::string, int>>{{"a", 1}, {"bb", 2}}, together),
              (std::vector<int>{2, 4}));
}

// Each of them is larger than what is gathered.
POOL_TEST(PoolChunks, of_large_values) {
    Pool pool(options());
    const auto fill = [](int i) {
        Large values;
        values.fill(i);
        return values;
    };
    const auto large = pool.map(fill, {1, 2, 3}, {.chunksize = 3});
    for (int i = 0; i != 3; ++i) EXPECT_EQ(large[static_cast<std::size_t>(i)].back(), i + 1);
    EXPECT_EQ(pool.map([](const Large& values) { return values[7]; }, large, {.chunksize = 3}), (std::vector{1, 2, 3}));
}

POOL_TEST(PoolChunks, whose_items_fail_at_any_place) {
    Pool pool(options());
    const std::vector<std::vector<int>> all_bad{{0}, {9}, {0, 9}, {4, 5}, {1, 3, 5, 7}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}};
    for (const std::vector<int>& bad : all_bad)
        for (const std::size_t chunksize : {0u, 2u, 5u, 10u}) {
            const auto task = cohort::partial(fail_if, bad);
            const auto outcomes = pool.map(task, cohort::range(10), cohort::collect, {.chunksize = chunksize});
            EXPECT_EQ(failed_of(outcomes, [](int i) { return 10 * i; }), bad) << chunksize;
            EXPECT_THROW(pool.map(task, cohort::range(10), {.chunksize = chunksize}), std::invalid_argument);
        }
}

POOL_TEST(PoolChunks, of_calls_that_do_not_wait_and_of_streams) {
    Pool pool(options());
    const auto results = pool.map_async(square, cohort::range(1000L), {.chunksize = 300}).get();
    EXPECT_EQ(results.back(), 999L * 999);
    long next = 0;
    for (const long result : pool.imap(square, cohort::range(1000L), {.chunksize = 70})) {
        EXPECT_EQ(result, next * next);
        ++next;
    }
    long sum = 0;
    for (const long result : pool.imap_unordered(square, cohort::range(1000L), {.chunksize = 70})) sum += result;
    EXPECT_EQ(next, 1000);
    EXPECT_EQ(sum, 332'833'500);
}

POOL_TEST(PoolChunks, one_item_of_which_is_over_its_time) {
    Pool pool(options());
    cohort::Event never;
    const auto outcomes = pool.map(cohort::partial(wait_at, never, 3L), cohort::range(8L), cohort::collect,
                                   {.chunksize = 8, .timeout = 300ms});
    EXPECT_EQ(failed_of(outcomes, [](int i) { return i; }), std::vector{3});
    EXPECT_THROW(std::rethrow_exception(outcomes.at(3).error()), cohort::TimeoutError);
    never.set();  // a thread waits on
}

POOL_TEST(PoolChunks, that_are_cancelled) {
    Pool pool(options(1));
    cohort::Event begun;
    cohort::Event never;
    const auto wait = [](cohort::Event& said, const cohort::Event& endless, int i) {
        if (i != 2) return i;
        said.set();
        if constexpr (!are_threads<Pool>) endless.wait();
        return i;
    };
    auto result = pool.map_async(cohort::partial(wait, begun, never), cohort::range(10'000), {.chunksize = 5000});
    begun.wait();
    result.cancel();
    EXPECT_EQ(pool.apply(square, 3L), 9);
}

TEST_P(PoolChunkDeaths, cost_one_item_and_run_no_other_again) {
    const std::string path = fresh_file();
    cohort::Pool pool(options(1));
    for (const long bad : {0L, 1L, 5L, 8L, 9L}) {
        const auto outcomes =
            pool.map(cohort::partial(die_at<long>, path, bad), cohort::range(10L), cohort::collect, {.chunksize = 10});
        EXPECT_EQ(failed_of(outcomes, [](int i) { return i; }), std::vector{static_cast<int>(bad)});
        EXPECT_EQ(std::filesystem::file_size(path), 10u) << bad;
        std::filesystem::remove(path);
        const auto nothing =
            pool.map(cohort::partial(die_at<void>, path, bad), cohort::range(10L), cohort::collect, {.chunksize = 10});
        EXPECT_EQ(failed_of(nothing, nullptr), std::vector{static_cast<int>(bad)});
        EXPECT_EQ(std::filesystem::file_size(path), 10u) << bad;
        std::filesystem::remove(path);
    }
}

TEST_P(PoolChunkDeaths, after_an_error_cost_one_item) {
    cohort::Pool pool(options(1));
    const auto task = [](int i) {
        if (i == 2) throw std::runtime_error("two");
        if (i == 6) raise(SIGKILL);
        return i;
    };
    const auto outcomes = pool.map(task, cohort::range(10), cohort::collect, {.chunksize = 10});
    EXPECT_EQ(failed_of(outcomes, [](int i) { return i; }), (std::vector{2, 6}));
    EXPECT_THROW(std::rethrow_exception(outcomes[2].error()), std::runtime_error);
    EXPECT_THROW(std::rethrow_exception(outcomes[6].error()), cohort::WorkerLostError);
}

TEST_P(PoolChunkDeaths, of_a_million_items_cost_those_that_die) {
    cohort::Pool pool(options(2));
    const auto task = [](long i) {
        if (i % 100'000 == 77'777) raise(SIGKILL);
        return i;
    };
    const auto outcomes = pool.map(task, cohort::range(300'000L), cohort::collect);
    EXPECT_EQ(failed_of(outcomes, [](int i) { return i; }), (std::vector{77'777, 177'777, 277'777}));
}

TEST_P(PoolChunkDeaths, a_copy_of_the_worker_tells_nothing) {
    cohort::Pool pool(options(1));
    const auto task = [](int i) {
        const bool copy = fork() == 0;
        if (i == 2) throw std::runtime_error("both throw");
        return copy ? -1 : i;
    };
    const auto outcomes = pool.map(task, cohort::range(6), cohort::collect, {.chunksize = 6});
    EXPECT_EQ(failed_of(outcomes, [](int i) { return i; }), std::vector{2});
}

TEST_P(PoolChunkDeaths, the_slowest_item_of_a_chunk_is_known) {
    cohort::Pool pool(options(1));
    const auto task = [](int i) {
        if (i == 6) std::this_thread::sleep_for(60ms);
        return i;
    };
    pool.map(task, cohort::range(10), {.chunksize = 10});
    const auto slowest = pool.stats().slowest;
    ASSERT_FALSE(slowest.empty());
    EXPECT_EQ(slowest[0].index, 6u);
    EXPECT_GE(slowest[0].time, 50ms);
}
