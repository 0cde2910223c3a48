// SPDX-License-Identifier: MIT
// Results one after the other, of inputs that are read as they are needed, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/every_pool.hpp"
#include "conformance/pool/pool_test.hpp"
#include "shm/tree.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

using cohort::Event;
using cohort::Value;
using namespace std::chrono_literals;

namespace {

int square(int i) {
    return i * i;
}

std::vector<int> squares_up_to(int end) {
    std::vector<int> squares;
    for (int i = 0; i != end; ++i) squares.push_back(i * i);
    return squares;
}

/// 0, 1, 2, …, for ever; counts how many were read, and may throw at one.
class Numbers {
public:
    explicit Numbers(int& read, int throws_at = -1) : read_(&read), throws_at_(throws_at) {}

    class iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = int;
        using difference_type = std::ptrdiff_t;
        iterator() = default;
        explicit iterator(const Numbers& numbers) : numbers_(&numbers) { read(); }
        int operator*() const { return number_; }
        iterator& operator++() {
            ++number_;
            read();
            return *this;
        }
        void operator++(int) { ++*this; }

    private:
        void read() const {
            if (number_ == numbers_->throws_at_) throw std::runtime_error("at " + std::to_string(number_));
            ++*numbers_->read_;
        }
        const Numbers* numbers_ = nullptr;
        int number_ = 0;
    };
    iterator begin() const { return iterator(*this); }
    std::unreachable_sentinel_t end() const { return {}; }

private:
    int* read_;
    int throws_at_;
};

// --- test_multiprocessing: _TestPool ---

class TestPoolImap : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(TestPoolImap);

POOL_TEST(TestPoolImap, test_imap) {
    Pool pool(options());
    auto results = pool.imap(square, cohort::range(10));
    for (int i = 0; i != 10; ++i) EXPECT_EQ(results.next(), i * i);
    EXPECT_EQ(results.next(), std::nullopt);
    EXPECT_EQ(results.next(), std::nullopt);
    std::vector<int> all;
    for (const int i : pool.imap(square, cohort::range(1000), {.chunksize = 100})) all.push_back(i);
    EXPECT_EQ(all, squares_up_to(1000));
}

POOL_TEST(TestPoolImap, test_imap_handle_iterable_exception) {
    Pool pool(options());
    for (const bool ordered : {true, false}) {
        int read = 0;
        auto results = ordered ? pool.imap(square, Numbers(read, 5)) : pool.imap_unordered(square, Numbers(read, 5));
        std::multiset<int> got;
        const auto read_all = [&] {
            while (const auto i = results.next()) got.insert(*i);
        };
        EXPECT_EQ(cohort::test::error_text<std::runtime_error>(read_all), "at 5");
        EXPECT_EQ(got, (std::multiset<int>{0, 1, 4, 9, 16}));
        EXPECT_EQ(results.next(), std::nullopt);
    }
}

POOL_TEST(TestPoolImap, test_imap_unordered) {
    Pool pool(options());
    for (const std::size_t chunksize : {1U, 7U}) {
        std::vector<int> got;
        for (const int i : pool.imap_unordered(square, cohort::range(100), {.chunksize = chunksize})) got.push_back(i);
        std::ranges::sort(got);
        EXPECT_EQ(got, squares_up_to(100));
    }
}

// --- what cohort adds ---

class PoolImap : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(PoolImap);

POOL_TEST(PoolImap, an_endless_input_is_read_as_needed) {
    Pool pool(options());
    for (const std::size_t buffersize : {0U, 3U}) {
        int read = 0;
        auto results = pool.imap(square, Numbers(read), {.buffersize = buffersize});
        EXPECT_EQ(read, 0);
        for (int i = 0; i != 500; ++i) {
            ASSERT_EQ(results.next(), i * i);
            ASSERT_LE(read, buffersize != 0 ? i + 1 + 3 : 100'000);
        }
    }
    EXPECT_EQ(pool.apply(square, 3), 9);  // nothing is left running
}

int after_a_while(int i) {  // long enough that no more are read ahead
    std::this_thread::sleep_for(1ms);
    return i;
}

POOL_TEST(PoolImap, long_tasks_are_read_a_few_ahead) {
    Pool pool(options());
    int read = 0;
    auto results = pool.imap(after_a_while, Numbers(read));
    EXPECT_EQ(results.next(), 0);
    EXPECT_LE(read, 16);
}

POOL_TEST(PoolImap, results_come_in_the_order_in_which_tasks_end) {
    Pool pool(options());
    Event go_on;
    const auto wait_for_the_first = [](const Event& event, int i) {
        if (i == 0) event.wait();
        return i;
    };
    auto results = pool.imap_unordered(cohort::partial(wait_for_the_first, go_on), cohort::range(3));
    std::set<int> first{*results.next(), *results.next()};
    EXPECT_EQ(first, (std::set<int>{1, 2}));
    EXPECT_THROW(results.next(1ms), cohort::TimeoutError);
    EXPECT_THROW(results.next(0s), cohort::TimeoutError);
    go_on.set();
    EXPECT_EQ(results.next(), 0);
    EXPECT_EQ(results.next(), std::nullopt);
}

POOL_TEST(PoolImap, an_error_is_of_its_item_only) {
    Pool pool(options());
    const auto odd_fails = [](int i) {
        if (i % 2 != 0) throw std::out_of_range("item " + std::to_string(i));
        return i;
    };
    auto results = pool.imap(odd_fails, cohort::range(6));
    for (int i = 0; i != 6; i += 2) {
        EXPECT_EQ(results.next(), i);
        EXPECT_EQ(cohort::test::error_text<std::out_of_range>([&] { results.next(); }),
                  "item " + std::to_string(i + 1));
    }
    EXPECT_EQ(results.next(), std::nullopt);
    if constexpr (are_threads<Pool>) return;  // a thread does not die alone
    auto deadly = pool.imap(
        [](int i) {
            if (i == 1) std::raise(SIGKILL);
            return i;
        },
        cohort::range(3));
    EXPECT_EQ(deadly.next(), 0);
    EXPECT_THROW(deadly.next(), cohort::WorkerLostError);
    EXPECT_EQ(deadly.next(), 2);
}

class ProcessPoolImap : public PoolTest {};
INSTANTIATE_POOL_TESTS(ProcessPoolImap);

TEST_P(ProcessPoolImap, items_are_run_again_after_a_death) {
    cohort::Pool pool(options());
    Value<int> deaths;
    const auto dies_once = [](Value<int> count, int i) {
        if (i == 3 && count.fetch_add(1) == 0) std::raise(SIGKILL);
        return i;
    };
    int next = 0;
    for (const int i : pool.imap(cohort::partial(dies_once, deaths), cohort::range(20), {.chunksize = 4, .retries = 1}))
        EXPECT_EQ(i, next++);
    EXPECT_EQ(next, 20);
}

POOL_TEST(PoolImap, tasks_without_results) {
    Pool pool(options());
    Value<int> sum;
    int count = 0;
    for ([[maybe_unused]] const std::monostate none :
         pool.imap_unordered([](Value<int> value) { value.fetch_add(1); }, std::vector(20, sum)))
        ++count;
    EXPECT_EQ(count, 20);
    EXPECT_EQ(sum.value(), 20);
}

POOL_TEST(PoolImap, many_at_once_and_beside_other_calls) {
    Pool pool(options());
    auto first = pool.imap(square, cohort::range(200));
    auto second = pool.imap_unordered(square, cohort::range(200), {.chunksize = 3});
    int sum = 0;
    for (int i = 0; i != 200; ++i) {
        EXPECT_EQ(first.next(), i * i);
        sum += *second.next();
        if (i % 20 != 0) continue;
        EXPECT_EQ(pool.apply(square, i), i * i);
        EXPECT_EQ(pool.apply_async(square, i).get(), i * i);
    }
    EXPECT_EQ(sum, 199 * 200 * 399 / 6);
    EXPECT_EQ(first.next(), std::nullopt);
    EXPECT_EQ(second.next(), std::nullopt);
}

// More of them than there is room for callables in shared memory.
POOL_TEST(PoolImap, many_idle_ones) {
    Pool pool(options());
    std::vector<decltype(pool.imap(square, cohort::range(1)))> all;
    for (int i = 0; i != 1500; ++i) {
        all.push_back(pool.imap(square, cohort::range(2), {.buffersize = 1}));
        EXPECT_EQ(all.back().next(), 0);
    }
    for (auto& results : all) EXPECT_EQ(results.next(), 1);
}

/// A new Value for each item.
class Values {
public:
    class iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = Value<int>;
        using difference_type = std::ptrdiff_t;
        Value<int> operator*() const { return Value<int>(number_); }
        iterator& operator++() {
            ++number_;
            return *this;
        }
        void operator++(int) { ++*this; }

    private:
        int number_ = 0;
    };
    iterator begin() const { return {}; }
    std::unreachable_sentinel_t end() const { return {}; }
};

POOL_TEST(PoolImap, what_items_hold_is_let_go) {
    Pool pool(options());
    auto results = pool.imap([](const Value<int>& value) { return value.value(); }, Values(), {.buffersize = 2});
    const auto before = cohort::shm::tree_arena().usage().objects;
    for (int i = 0; i != 100; ++i) {
        EXPECT_EQ(results.next(), i);
        EXPECT_LE(cohort::shm::tree_arena().usage().objects, before + 10);
    }
}

POOL_TEST(PoolImap, a_pool_that_ends) {
    std::optional<Pool> pool(options());
    auto results = pool->imap(square, cohort::range(100), {.buffersize = 4});
    EXPECT_EQ(results.next(), 0);
    pool->close();
    for (int i = 1; i != 50; ++i) EXPECT_EQ(results.next(), i * i);  // what was begun goes on
    EXPECT_THROW(pool->imap(square, cohort::range(3)), cohort::ValueError);
    pool->join();
    const auto read_all = [&] {
        while (results.next()) {
        }
    };
    EXPECT_THROW(read_all(), cohort::CancelledError);  // there was more to read
    EXPECT_EQ(results.next(), std::nullopt);

    pool.emplace(options());
    Event never;
    auto waiting = pool->imap(cohort::partial([](const Event& event, int) { event.wait(); }, never), cohort::range(3));
    EXPECT_THROW(waiting.next(1ms), cohort::TimeoutError);
    if constexpr (are_threads<Pool>) never.set();  // threads are waited for
    std::vector<pid_t> workers;
    if constexpr (!are_threads<Pool>) workers = pool->worker_pids();
    pool.reset();
    for (const pid_t worker : workers) EXPECT_EQ(::kill(worker, 0), -1);  // though their results are still here
    if constexpr (!are_threads<Pool>) {
        EXPECT_THROW(waiting.next(), cohort::CancelledError);
    }
}

/// What is left of results: how many there are, and the texts of the errors.
struct Rest {
    int results = 0;
    std::vector<std::string> errors{};
    bool ends = false;
};

template <class Error>
Rest read_rest(cohort::ImapIterator<int>& results) {
    Rest rest;
    for (int calls = 0; calls != 200 && !rest.ends; ++calls) {
        const std::string error = cohort::test::error_text<Error>([&] {
            if (results.next())
                ++rest.results;
            else
                rest.ends = true;
        });
        if (!error.empty()) rest.errors.push_back(error);
    }
    return rest;
}

POOL_TEST(PoolImap, results_of_an_ended_pool_have_an_end) {
    for (const bool destroyed : {true, false}) {
        for (const int items : {4, 100}) {
            std::optional<Pool> pool(options());
            auto results = pool->imap(square, cohort::range(items));
            EXPECT_EQ(results.next(), 0);
            if (destroyed)
                pool.reset();
            else
                pool->terminate();
            const Rest rest = read_rest<cohort::CancelledError>(results);
            EXPECT_TRUE(rest.ends);
            const std::string why = destroyed ? "the pool was destroyed" : "the pool was terminated";
            for (const std::string& error : rest.errors) EXPECT_EQ(error, why);
            const int told = rest.results + static_cast<int>(rest.errors.size());
            if (items == 4)
                EXPECT_EQ(told, 3);  // it had all of them
            else
                EXPECT_FALSE(rest.errors.empty());
            EXPECT_EQ(results.next(), std::nullopt);
        }
    }
}

TEST_P(ProcessPoolImap, results_of_a_broken_pool_have_an_end) {
    cohort::Pool pool(options());
    const pid_t nursery = pool.apply(::getppid);
    const cohort::Event never;
    auto results = pool.imap(cohort::partial(
                                 [](const cohort::Event& event, int i) {
                                     if (i != 0) event.wait();
                                     return i;
                                 },
                                 never),
                             cohort::range(100));
    EXPECT_EQ(results.next(), 0);
    ::kill(nursery, SIGKILL);
    const Rest rest = read_rest<cohort::BrokenPoolError>(results);
    EXPECT_TRUE(rest.ends);
    EXPECT_FALSE(rest.errors.empty());
    EXPECT_EQ(results.next(), std::nullopt);
}

POOL_TEST(PoolImap, each_call_begins_with_a_few) {
    Pool pool(options());
    int read = 0;
    int taken = 0;
    for ([[maybe_unused]] const int i : pool.imap(square, Numbers(read)))
        if (++taken == 5000) break;
    read = 0;
    auto results = pool.imap(after_a_while, Numbers(read));
    EXPECT_EQ(results.next(), 0);
    EXPECT_LE(read, 16);
}

POOL_TEST(PoolImap, a_closed_pool_can_be_joined_with_results_open) {
    Pool pool(options());
    auto results = pool.imap(square, cohort::range(100));
    EXPECT_EQ(results.next(), 0);
    pool.close();
    pool.join();
}

}  // namespace
