// SPDX-License-Identifier: MIT
#include "conformance/pool/every_pool.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/serial/partial.hpp>

#include "support/leak_check.hpp"

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <forward_list>
#include <fstream>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

class PoolCalls : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(PoolCalls);

int square(int i) {
    return i * i;
}
int multiply(int a, int b) {
    return a * b;
}
void nothing() {}
void check_even(int i) {
    if (i % 2 != 0) throw std::invalid_argument("odd: " + std::to_string(i));
}
std::string shout(const std::string& text) {
    return text + "!";
}
std::size_t length(const char* text) {
    return std::string_view(text).size();
}

template <class T>
T twice(T value) {
    return value + value;
}

/// The integers from 1 to before `stop`, one after the other; reading the one at `bad` throws.
template <class Category>
struct UpTo {
    struct Iterator {
        using iterator_concept = Category;
        using value_type = int;
        using difference_type = std::ptrdiff_t;

        int operator*() const {
            if (at == bad) throw std::runtime_error("cannot read item " + std::to_string(at));
            return at;
        }
        Iterator& operator++() {
            ++at;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++at;
            return before;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

        int at = 0;
        int bad = 0;
    };

    Iterator begin() const { return {1, bad}; }
    Iterator end() const { return {stop, bad}; }

    int stop;
    int bad;
};

}  // namespace

POOL_TEST(PoolCalls, apply_returns_what_the_task_returns) {
    Pool pool(options());
    EXPECT_EQ(pool.apply(square, 5), 25);
    EXPECT_EQ(pool.apply(multiply, 6, 7), 42);
    EXPECT_EQ(pool.apply(shout, "text"), "text!");
    EXPECT_EQ(pool.apply(length, "four"), 4u);
    EXPECT_EQ(pool.apply(twice<double>, 1.5), 3.0);
    pool.apply(nothing);
}

POOL_TEST(PoolCalls, map_keeps_the_order_whatever_the_chunks) {
    Pool pool(options());
    std::vector<int> expected(100);
    for (int i = 0; i != 100; ++i) expected[static_cast<std::size_t>(i)] = i * i;
    for (const std::size_t chunksize : {0u, 1u, 3u, 20u, 99u, 100u, 1000u})
        EXPECT_EQ(pool.map(square, cohort::range(100), {.chunksize = chunksize}), expected) << chunksize;
}

POOL_TEST(PoolCalls, map_takes_every_kind_of_range) {
    Pool pool(options());
    const std::vector<int> expected{1, 4, 9};
    EXPECT_EQ(pool.map(square, {1, 2, 3}), expected);
    EXPECT_EQ(pool.map(square, std::array{1, 2, 3}), expected);
    EXPECT_EQ(pool.map(square, std::list{1, 2, 3}), expected);
    EXPECT_EQ(pool.map(square, std::forward_list{1, 2, 3}), expected);
    const int plain[] = {1, 2, 3};
    EXPECT_EQ(pool.map(square, plain), expected);
    EXPECT_EQ(pool.map(square, UpTo<std::forward_iterator_tag>{4, 0}), expected);
    EXPECT_EQ(pool.map(square, UpTo<std::input_iterator_tag>{4, 0}), expected);
    EXPECT_EQ(pool.map(length, std::vector<const char*>{"a", "bb"}), (std::vector<std::size_t>{1, 2}));
}

POOL_TEST(PoolCalls, map_of_nothing_is_nothing) {
    Pool pool(options());
    EXPECT_TRUE(pool.map(square, std::vector<int>()).empty());
    EXPECT_TRUE(pool.map(square, std::vector<int>(), {.chunksize = 20}).empty());
    EXPECT_TRUE(pool.starmap(multiply, std::vector<std::pair<int, int>>()).empty());
}

POOL_TEST(PoolCalls, starmap_spreads_tuples) {
    Pool pool(options());
    const std::vector<std::tuple<int, int>> tuples{{1, 2}, {3, 4}, {5, 6}};
    EXPECT_EQ(pool.starmap(multiply, tuples), (std::vector<int>{2, 12, 30}));
    const std::map<int, int> pairs{{1, 1}, {2, 2}, {3, 3}};
    EXPECT_EQ(pool.starmap(multiply, pairs), (std::vector<int>{1, 4, 9}));
    EXPECT_EQ(pool.starmap(multiply, {std::pair(2, 3), std::pair(4, 5)}, {.chunksize = 2}), (std::vector<int>{6, 20}));
    EXPECT_EQ(pool.starmap([](int a, int b, int c) { return a + b + c; }, std::vector{std::array{1, 2, 3}}),
              (std::vector<int>{6}));
}

POOL_TEST(PoolCalls, tasks_are_functions_lambdas_and_generic_lambdas) {
    Pool pool(options());
    int factor = 3;
    EXPECT_EQ(pool.map([factor](int i) { return factor * i; }, {1, 2}), (std::vector<int>{3, 6}));
    EXPECT_EQ(pool.map([](auto value) { return value + value; }, {1.5, 2.5}), (std::vector<double>{3, 5}));
    std::vector<int> sums;
    for (auto function : {square, twice<int>}) sums.push_back(pool.apply(function, 5));
    EXPECT_EQ(sums, (std::vector<int>{25, 10}));
    pool.map([](int) {}, {1, 2, 3});
}

POOL_TEST(PoolCalls, results_of_any_type) {
    Pool pool(options());
    EXPECT_EQ(pool.map([](int i) { return i % 2 == 0; }, {1, 2, 3}), (std::vector<bool>{false, true, false}));
    EXPECT_TRUE(pool.apply([] { return true; }));
    const auto texts =
        pool.map([](int i) { return std::string(static_cast<std::size_t>(i), 'x'); }, cohort::range(300));
    for (std::size_t i = 0; i != texts.size(); ++i) ASSERT_EQ(texts[i], std::string(i, 'x'));
    const auto owned = pool.map([](int i) { return std::make_unique<int>(i); }, {7, 8});
    EXPECT_EQ(*owned[1], 8);
    EXPECT_EQ(pool.apply([](std::unique_ptr<int> value) { return *value; }, std::make_unique<int>(9)), 9);
}

POOL_TEST(PoolCalls, payloads_of_any_size) {
    Pool pool(options());
    const auto reversed = [](std::vector<std::uint8_t> bytes) {
        return std::vector<std::uint8_t>(bytes.rbegin(), bytes.rend());
    };
    for (const std::size_t size : {0u, 1u, 24u, 25u, 100u, 5'000u, 70'000u, 3'000'000u}) {
        std::vector<std::uint8_t> bytes(size);
        std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
        const auto result = pool.map(reversed, std::vector(5, bytes));
        const std::vector<std::uint8_t> expected(bytes.rbegin(), bytes.rend());
        for (const auto& one : result) ASSERT_TRUE(one == expected) << size;
    }
}

POOL_TEST(PoolCalls, an_exception_arrives_as_what_it_was) {
    Pool pool(options());
    try {
        pool.apply(check_even, 3);
        FAIL() << "nothing was thrown";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), "odd: 3");
    }
    EXPECT_THROW(pool.map(
                     [](int i) {
                         return std::vector<int>{1, 2, 3}.at(static_cast<std::size_t>(i));
                     },
                     {1, 5}),
                 std::out_of_range);
    EXPECT_ANY_THROW(pool.apply([] { throw 42; }));
    EXPECT_EQ(pool.apply(square, 3), 9);
}

POOL_TEST(PoolCalls, an_exception_tells_where_it_was_thrown) {
    cohort::PoolOptions named = options(1);
    named.name = "thrower";
    Pool pool(named);
    try {
        pool.apply(check_even, 3);
        FAIL() << "nothing was thrown";
    } catch (const std::invalid_argument& error) {
        if constexpr (are_threads<Pool>) {
            EXPECT_STREQ(error.what(), "odd: 3");  // it was thrown here
        } else {
            try {
                std::rethrow_if_nested(error);
                FAIL() << "nothing is nested";
            } catch (const cohort::RemoteError& remote) {
                EXPECT_EQ(remote.type_name(), "std::invalid_argument");
                EXPECT_EQ(remote.message(), "odd: 3");
                EXPECT_EQ(remote.pid(), pool.worker_pids().at(0));
                EXPECT_EQ(remote.process_name(), "thrower-1");
                EXPECT_NE(remote.trace().find("check_even"), std::string::npos) << remote.trace();
            }
        }
    }
}

POOL_TEST(PoolCalls, map_throws_the_first_error_when_all_others_have_ended) {
    Pool pool(options());
    std::vector<int> items(50);
    std::iota(items.begin(), items.end(), 0);
    for (const std::size_t chunksize : {1u, 7u, 50u}) {
        try {
            pool.map(
                [](int i) {
                    if (i == 11 || i == 3 || i == 49) throw std::runtime_error(std::to_string(i));
                },
                items, {.chunksize = chunksize});
            FAIL() << "nothing was thrown";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "3");
        }
        // Nothing of the failed call is left in the pool.
        EXPECT_EQ(pool.map(square, {2, 3}), (std::vector<int>{4, 9}));
    }
}

POOL_TEST(PoolCalls, a_range_that_throws_fails_the_call_only) {
    Pool pool(options());
    EXPECT_THROW(pool.map(square, UpTo<std::forward_iterator_tag>{6, 4}), std::runtime_error);
    EXPECT_THROW(pool.map(square, UpTo<std::forward_iterator_tag>{6, 4}, {.chunksize = 5}), std::runtime_error);
    EXPECT_THROW(pool.map(square, UpTo<std::input_iterator_tag>{6, 4}), std::runtime_error);
    const auto outcomes =
        pool.map(square, UpTo<std::forward_iterator_tag>{8, 4}, cohort::collect, cohort::MapOptions{.chunksize = 7});
    for (int i = 1; i != 8; ++i) {
        const auto& outcome = outcomes.at(static_cast<std::size_t>(i - 1));
        EXPECT_EQ(outcome.has_value(), i != 4) << i;
        if (outcome) {
            EXPECT_EQ(outcome.value(), i * i);
        }
    }
    EXPECT_EQ(pool.apply(square, 4), 16);
}

POOL_TEST(PoolCalls, arguments_are_freed_when_map_returns) {
    Pool pool(options());
    std::vector<std::shared_ptr<int>> input(10);
    for (auto& item : input) item = std::make_shared<int>(7);
    EXPECT_EQ(pool.map([](const std::shared_ptr<int>& item) { return *item; }, input), std::vector<int>(10, 7));
    for (const auto& item : input) EXPECT_EQ(item.use_count(), 1);
}

POOL_TEST(PoolCalls, tasks_start_in_the_order_of_their_items) {
    Pool pool(options(1));
    const auto places = pool.map(
        [](int) {
            thread_local int started = 0;
            return started++;
        },
        cohort::range(1000), {.chunksize = 1});
    for (int i = 0; i != 1000; ++i) ASSERT_EQ(places[static_cast<std::size_t>(i)], i);
}

POOL_TEST(PoolCalls, no_task_waits_behind_a_busy_worker) {
    Pool pool(options(2));
    const std::string fifo = cohort::test::temporary_folder() + "/last";
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    // The first item ends when the last one runs: all others are the other worker's.
    const auto meet = [](const std::string& path, int i) {
        if (i == 0) return std::ifstream(path).is_open();
        return i != 99 || std::ofstream(path).is_open();
    };
    EXPECT_EQ(pool.map(cohort::partial(meet, fifo), cohort::range(100), {.chunksize = 1}),
              std::vector<bool>(100, true));
    std::filesystem::remove(fifo);
}

POOL_TEST(PoolCalls, many_items) {
    Pool pool(options());
    const auto results = pool.map([](std::uint64_t i) { return i + 1; }, cohort::range(std::uint64_t{100'000}));
    ASSERT_EQ(results.size(), 100'000u);
    for (std::size_t i = 0; i != results.size(); ++i) ASSERT_EQ(results[i], i + 1);
}

POOL_TEST(PoolCalls, progress_is_silent_without_a_label_and_ends_with_all_items) {
    Pool pool(options());
    testing::internal::CaptureStderr();
    pool.map(square, cohort::range(10));
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    testing::internal::CaptureStderr();
    pool.map(square, cohort::range(10), {.progress = "squaring"});
    const std::string shown = testing::internal::GetCapturedStderr();
    EXPECT_NE(shown.find("squaring"), std::string::npos);
    EXPECT_NE(shown.find("10/10"), std::string::npos);
}
