// SPDX-License-Identifier: MIT
// Many calls that wait for a worker, in every kind of pool.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/as_completed.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/process.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/every_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using cohort::AsyncResult;
using cohort::Event;
using cohort::Value;
using namespace std::chrono_literals;

namespace {

int square(int i) {
    return i * i;
}

template <int N>
int plus(int i) {
    return i + N;
}

void wait_for(const Event& event) {
    event.wait();
}

class PoolWaitingCalls : public EveryPoolTest {
protected:
    // Keeps all workers busy until the gate is opened.
    template <class Pool>
    static void occupy(Pool& pool, const Event& gate) {
        for (int i = 0; i != 2; ++i) pool.apply_async(wait_for, gate);
    }
};
INSTANTIATE_EVERY_POOL(PoolWaitingCalls);

POOL_TEST(PoolWaitingCalls, of_many_threads_are_all_run) {
    constexpr int kThreads = 4;
    constexpr int kCalls = 1000;
    Pool pool(options());
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread != kThreads; ++thread)
        threads.emplace_back([&] {
            std::vector<AsyncResult<int>> results;
            for (int i = 0; i != kCalls; ++i) {
                results.push_back(pool.apply_async(square, i));
                if (i % 100 == 0) results.back().wait();
            }
            for (int i = 0; i != kCalls; ++i)
                if (results[static_cast<std::size_t>(i)].get() == i * i) ++right;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, kThreads * kCalls);
}

// Whether they have options, or several items, or anything to send with the callable.
POOL_TEST(PoolWaitingCalls, keep_their_order) {
    Pool pool(options(1));
    Event gate;
    Value<int> count;
    const auto next = [](Value<int> value) { return value.fetch_add(1); };
    pool.apply_async(wait_for, gate);
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 10; ++i) {
        results.push_back(pool.apply_async(next, count));
        results.push_back(pool.apply_async(next, cohort::args(count), {.timeout = 100s}));
        results.push_back(pool.apply_async([i, next](Value<int> value) { return i < 0 ? 0 : next(value); }, count));
        results.push_back(pool.apply_async(cohort::partial(next, count)));
    }
    gate.set();
    for (std::size_t i = 0; i != results.size(); ++i) EXPECT_EQ(results[i].get(), static_cast<int>(i));
}

POOL_TEST(PoolWaitingCalls, are_handed_out_after_those_of_higher_priority) {
    Pool pool(options(1));
    Event gate;
    Event begun;
    Value<int> count;
    const auto next = [](Value<int> value) { return value.fetch_add(1); };
    const auto busy = pool.apply_async(
        [](const Event& event, Event begins) {
            begins.set();
            event.wait();
        },
        gate, begun);
    begun.wait();
    std::vector<AsyncResult<int>> ordinary;
    for (int i = 0; i != 20; ++i) ordinary.push_back(pool.apply_async(next, count));
    const auto urgent = pool.apply_async(next, cohort::args(count), {.priority = 1});
    gate.set();
    EXPECT_LT(urgent.get(), ordinary.back().get());
}

POOL_TEST(PoolWaitingCalls, are_cancelled_alone) {
    Pool pool(options());
    Event gate;
    PoolWaitingCalls::occupy(pool, gate);
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 1000; ++i) results.push_back(pool.apply_async(square, i));
    for (std::size_t i = 0; i < results.size(); i += 2) {
        EXPECT_TRUE(results[i].cancel());
        EXPECT_TRUE(results[i].cancelled());
        EXPECT_FALSE(results[i].cancel());
    }
    EXPECT_FALSE(results[501].ready());
    EXPECT_FALSE(results[501].running());
    gate.set();
    for (std::size_t i = 0; i != results.size(); ++i) {
        if (i % 2 == 0)
            EXPECT_THROW(results[i].get(), cohort::CancelledError);
        else
            EXPECT_EQ(results[i].get(), square(static_cast<int>(i)));
    }
}

POOL_TEST(PoolWaitingCalls, are_cancelled_when_the_pool_is_terminated) {
    Pool pool(options());
    Event gate;
    PoolWaitingCalls::occupy(pool, gate);
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 10'000; ++i) results.push_back(pool.apply_async(square, i));
    gate.set();
    pool.terminate();
    EXPECT_THROW(pool.apply_async(square, 1), cohort::ValueError);
    std::size_t cancelled = 0;
    for (const auto& result : results) {
        EXPECT_TRUE(result.wait());
        cancelled += result.cancelled();
        if (result.successful()) {
            EXPECT_NO_THROW(result.get());
        }
    }
    EXPECT_GT(cancelled, 0u);
}

POOL_TEST(PoolWaitingCalls, are_cancelled_when_the_pool_goes) {
    Event gate;
    std::vector<AsyncResult<int>> results;
    {
        Pool pool(options());
        PoolWaitingCalls::occupy(pool, gate);
        for (int i = 0; i != 100; ++i) results.push_back(pool.apply_async(square, i));
        for (int i = 0; i != 100; ++i) pool.apply_async(square, i);  // given up
        if constexpr (are_threads<Pool>) gate.set();
    }
    gate.set();
    for (const auto& result : results) EXPECT_TRUE(result.ready());
    if constexpr (!are_threads<Pool>) {
        EXPECT_THROW(results.back().get(), cohort::CancelledError);
    }
}

POOL_TEST(PoolWaitingCalls, are_run_after_close) {
    Pool pool(options());
    Event gate;
    PoolWaitingCalls::occupy(pool, gate);
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 1000; ++i) results.push_back(pool.apply_async(square, i));
    pool.close();
    EXPECT_THROW(pool.apply_async(square, 1), cohort::ValueError);
    gate.set();
    EXPECT_TRUE(pool.join());
    for (int i = 0; i != 1000; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(0s), i * i);
}

// Threads submit while another one ends the pool: each call is refused, or has an end.
POOL_TEST(PoolWaitingCalls, end_however_late_they_come) {
    for (int round = 0; round != 20; ++round) {
        Pool pool(options());
        std::vector<std::vector<AsyncResult<int>>> results(3);
        std::atomic<int> begun{0};
        std::vector<std::thread> threads;
        for (auto& some : results)
            threads.emplace_back([&] {
                try {
                    for (int i = 0;; ++i) {
                        some.push_back(pool.apply_async(square, i));
                        if (i == 10) ++begun;
                    }
                } catch (const cohort::ValueError&) {
                    return;
                }
            });
        while (begun != 3) std::this_thread::yield();
        if (round % 2 == 0)
            pool.terminate();
        else
            pool.close();
        for (std::thread& thread : threads) thread.join();
        EXPECT_TRUE(pool.join());
        for (const auto& some : results)
            for (const auto& result : some) EXPECT_TRUE(result.wait(0s));
    }
}

POOL_TEST(PoolWaitingCalls, of_many_callables) {
    Pool pool(options());
    using Function = int (*)(int);
    const auto functions = []<int... N>(std::integer_sequence<int, N...>) {
        return std::vector<Function>{&plus<N>...};
    };
    const std::vector<Function> all = functions(std::make_integer_sequence<int, 20>());
    std::vector<std::pair<AsyncResult<int>, int>> results;
    for (int round = 0; round != 50; ++round)
        for (int n = 0; n != 20; ++n)
            results.emplace_back(pool.apply_async(all[static_cast<std::size_t>(n)], round), round + n);
    for (const auto& [result, expected] : results) EXPECT_EQ(result.get(), expected);
    for (int n = 0; n != 20; ++n) EXPECT_EQ(pool.apply_async(all[static_cast<std::size_t>(n)], 1).get(), 1 + n);
}

POOL_TEST(PoolWaitingCalls, have_their_own_callable_each) {
    Pool pool(options(1));
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 100; ++i) results.push_back(pool.apply_async([count = 0]() mutable { return ++count; }));
    for (const auto& result : results) EXPECT_EQ(result.get(), 1);
}

POOL_TEST(PoolWaitingCalls, are_had_as_they_are_completed) {
    Pool pool(options());
    Event gate;
    PoolWaitingCalls::occupy(pool, gate);
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 100; ++i) results.push_back(pool.apply_async(square, i));
    std::atomic<int> told{0};
    for (const auto& result : results) result.add_done_callback([&](const auto&) { ++told; });
    gate.set();
    int sum = 0;
    for (const auto& result : cohort::as_completed(results)) sum += result.get();
    EXPECT_EQ(sum, 99 * 100 * 199 / 6);
    pool.close();
    pool.join();
    EXPECT_EQ(told, 100);
}

POOL_TEST(PoolWaitingCalls, are_asked_for_by_several_threads) {
    Pool pool(options());
    Event gate;
    PoolWaitingCalls::occupy(pool, gate);
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 200; ++i) results.push_back(pool.apply_async(square, i));
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread != 4; ++thread)
        threads.emplace_back([&, thread] {
            for (std::size_t i = thread % 2; i < results.size(); i += 2)
                if (results[i].get() == square(static_cast<int>(i))) ++right;
        });
    gate.set();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 400);
}

// --- of processes ---

class PoolWaitingDeaths : public testing::TestWithParam<cohort::StartMethod> {
protected:
    void SetUp() override { cohort::test::after_each_test(&cohort::process::stop_forkserver); }
};
INSTANTIATE_TEST_SUITE_P(StartMethods, PoolWaitingDeaths,
                         testing::Values(cohort::StartMethod::fork, cohort::StartMethod::forkserver,
                                         cohort::StartMethod::spawn),
                         [](const auto& method) { return std::string(cohort::to_string(method.param)); });

int square_or_die(int i) {
    if (i % 50 == 49) std::raise(SIGKILL);
    return i * i;
}

TEST_P(PoolWaitingDeaths, cost_the_call_that_ran_and_no_other) {
    cohort::Pool pool({.processes = 2, .start_method = GetParam()});
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 200; ++i) results.push_back(pool.apply_async(square_or_die, i));
    for (int i = 0; i != 200; ++i) {
        const auto& result = results[static_cast<std::size_t>(i)];
        if (i % 50 == 49)
            EXPECT_THROW(result.get(), cohort::WorkerLostError);
        else
            EXPECT_EQ(result.get(), i * i);
    }
}

TEST_P(PoolWaitingDeaths, a_callable_that_cannot_be_sent_is_refused_at_once) {
    cohort::Pool pool({.processes = 1, .start_method = GetParam()});
    int here = 0;
    int* const address = &here;
    EXPECT_THROW(pool.apply_async([address] { return address != nullptr; }), cohort::SerializationError);
    EXPECT_EQ(pool.apply_async(square, 3).get(), 9);
}

}  // namespace
