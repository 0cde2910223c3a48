// SPDX-License-Identifier: MIT
// Arguments and results of megabytes, which processes send each other in parts.
#include <cohort/base/errors.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>

#include "conformance/pool/pool_test.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <numeric>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

class LongValues : public PoolTest {};
INSTANTIATE_POOL_TESTS(LongValues);

using Triple = std::array<std::int32_t, 3>;

/// 44 bytes, so that parts end within an item.
struct Record {
    std::array<std::int32_t, 11> numbers{};
    bool operator==(const Record&) const = default;
};

std::vector<int> numbers(int first, std::size_t bytes = 5'000'000) {
    std::vector<int> all(bytes / sizeof(int));
    std::iota(all.begin(), all.end(), first);
    return all;
}

template <class T>
std::vector<T> records(int first) {
    std::vector<T> all(4'000'000 / sizeof(T));
    for (std::size_t i = 0; i != all.size(); ++i) {
        if constexpr (std::is_same_v<T, Record>)
            all[i].numbers.fill(first + static_cast<int>(i));
        else
            all[i].fill(first + static_cast<int>(i));
    }
    return all;
}

template <class T>
T same(const T& value) {
    return value;
}
template <class T>
T handed_on(T&& value) {
    return std::move(value);
}

std::vector<int> negated(const std::vector<int>& values) {
    std::vector<int> result;
    result.reserve(values.size());
    for (const int value : values) result.push_back(-value);
    return result;
}

std::vector<int> first_dies(const std::vector<int>& values) {
    if (values.front() == 0) std::raise(SIGKILL);
    return values;
}

std::vector<int> odd_throws(std::vector<int>& values) {
    if (values.front() % 2 != 0) throw std::invalid_argument("odd");
    return std::move(values);
}

std::vector<int> second_waits(const cohort::Event& never, const std::vector<int>& values) {
    if (values.front() == 1) never.wait();
    return values;
}

std::vector<int> second_is_long(cohort::Event last_has_begun, int i) {
    if (i == 2) last_has_begun.set();
    return i == 1 ? numbers(i) : std::vector<int>{i};
}

long sum(const std::vector<int>& values, int factor) {
    return factor * std::accumulate(values.begin(), values.end(), 0L);
}

template <class Range>
std::vector<std::vector<int>> all_negated(const Range& range) {
    std::vector<std::vector<int>> results;
    for (const auto& values : range) results.push_back(negated(values));
    return results;
}

}  // namespace

TEST_P(LongValues, come_back_as_they_went) {
    cohort::Pool pool(options());
    std::vector<std::vector<int>> items;
    // Around the limits of parts, and much beyond.
    for (const std::size_t bytes : {0u, 4u, 500'000u, 516'096u, 1'032'188u, 1'032'192u, 1'290'244u, 6'000'000u})
        items.push_back(numbers(static_cast<int>(items.size()), bytes));
    EXPECT_EQ(pool.map(negated, items, {.chunksize = 1}), all_negated(items));
    EXPECT_EQ(pool.map(negated, items), all_negated(items));
    EXPECT_EQ(pool.map(negated, items, {.chunksize = 3}), all_negated(items));
    const std::deque<std::vector<int>> deque(items.begin(), items.end());
    EXPECT_EQ(pool.map(negated, deque, {.chunksize = 1}), all_negated(items));
    const std::list<std::vector<int>> list(items.begin(), items.end());
    EXPECT_EQ(pool.map(negated, list, {.chunksize = 1}), all_negated(items));
    EXPECT_EQ(pool.map_async(negated, items).get(), all_negated(items));
    std::vector<std::vector<int>> streamed;
    for (auto& result : pool.imap(negated, items)) streamed.push_back(std::move(result));
    EXPECT_EQ(streamed, all_negated(items));
}

TEST_P(LongValues, may_have_items_of_any_size) {
    cohort::Pool pool(options());
    const std::vector<std::vector<Record>> odd{records<Record>(1), records<Record>(2)};
    EXPECT_EQ(pool.map(same<std::vector<Record>>, odd, {.chunksize = 1}), odd);
    const std::vector<std::vector<Triple>> triples{records<Triple>(1), records<Triple>(2)};
    EXPECT_EQ(pool.map(same<std::vector<Triple>>, triples, {.chunksize = 1}), triples);
    const std::vector<std::string> texts{std::string(3'000'001, 'x'), std::string(2'000'000, 'y')};
    EXPECT_EQ(pool.map(same<std::string>, texts, {.chunksize = 1}), texts);
}

TEST_P(LongValues, are_applied_to) {
    cohort::Pool pool(options());
    EXPECT_EQ(pool.apply(negated, numbers(1)), negated(numbers(1)));
    EXPECT_EQ(pool.apply(sum, numbers(1), 2), sum(numbers(1), 2));
    EXPECT_EQ(pool.apply_async(negated, numbers(2)).get(), negated(numbers(2)));
    const std::vector<std::tuple<std::vector<int>, int>> pairs{{numbers(1), 2}, {numbers(3), 4}};
    EXPECT_EQ(pool.starmap(sum, pairs, {.chunksize = 1}), (std::vector{sum(numbers(1), 2), sum(numbers(3), 4)}));
}

TEST_P(LongValues, are_handed_on_by_a_task_that_takes_them) {
    cohort::Pool pool(options());
    const std::vector<std::vector<int>> items{numbers(0), numbers(1), numbers(2)};
    EXPECT_EQ(pool.map(handed_on<std::vector<int>>, items, {.chunksize = 1}), items);
}

TEST_P(LongValues, of_which_a_task_throws_or_dies_cost_that_item_alone) {
    cohort::Pool pool(options());
    const std::vector<std::vector<int>> items{numbers(0), numbers(1), numbers(2), numbers(3)};
    const auto thrown = pool.map(odd_throws, items, cohort::collect, {.chunksize = 1});
    const auto died = pool.map(first_dies, items, cohort::collect, {.chunksize = 1});
    for (std::size_t i = 0; i != items.size(); ++i) {
        EXPECT_EQ(thrown[i].has_value(), i % 2 == 0);
        EXPECT_EQ(died[i].has_value(), i != 0);
        EXPECT_TRUE(!thrown[i] || thrown[i].value() == items[i]);
        EXPECT_TRUE(!died[i] || died[i].value() == items[i]);
    }
    EXPECT_THROW(std::rethrow_exception(died[0].error()), cohort::WorkerLostError);
}

TEST_P(LongValues, of_a_task_that_is_over_its_time_are_dropped) {
    cohort::Pool pool(options(1));
    const std::vector<std::vector<int>> items{numbers(0), numbers(1), numbers(2)};
    const auto outcomes = pool.map(cohort::partial(second_waits, cohort::Event()), items, cohort::collect,
                                   {.chunksize = 1, .timeout = 2s});
    EXPECT_EQ(outcomes[0].value(), items[0]);
    EXPECT_THROW(std::rethrow_exception(outcomes[1].error()), cohort::TimeoutError);
    EXPECT_EQ(outcomes[2].value(), items[2]);
}

// Nobody takes results while the consumer of an imap does something else.
TEST_P(LongValues, do_not_hold_up_a_worker_whose_results_nobody_takes) {
    cohort::Pool pool(options(1));
    cohort::Event last_has_begun;
    auto results = pool.imap(cohort::partial(second_is_long, last_has_begun), std::vector{0, 1, 2});
    auto at = results.begin();
    EXPECT_EQ(*at, std::vector{0});
    last_has_begun.wait();
    EXPECT_EQ(*++at, numbers(1));
    EXPECT_EQ(*++at, std::vector{2});
}
