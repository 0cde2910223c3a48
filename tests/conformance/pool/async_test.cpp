// SPDX-License-Identifier: MIT
// Calls that a pool carries out while its caller goes on, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/every_pool.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using cohort::AsyncResult;
using cohort::Event;
using cohort::Value;
using namespace std::chrono_literals;

namespace {

int square(int i) {
    return i * i;
}

void nothing() {}

[[noreturn]] int fail(int i) {
    throw std::out_of_range("item " + std::to_string(i));
}

// --- test_multiprocessing: _TestPool ---

class TestPoolAsync : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(TestPoolAsync);

POOL_TEST(TestPoolAsync, test_async) {
    Pool pool(options());
    const AsyncResult<int> result = pool.apply_async(square, 7);
    EXPECT_EQ(result.get(), 49);
    EXPECT_EQ(result.get(), 49);  // again
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(result.successful());
}

POOL_TEST(TestPoolAsync, test_async_timeout) {
    Pool pool(options());
    Event go_on;
    const auto result = pool.apply_async([](Event event) { event.wait(); }, go_on);
    EXPECT_THROW(result.get(10ms), cohort::TimeoutError);
    EXPECT_FALSE(result.wait(0s));
    EXPECT_FALSE(result.ready());
    EXPECT_THROW(result.successful(), cohort::ValueError);
    go_on.set();
    EXPECT_TRUE(result.wait());
    result.get(0s);
}

POOL_TEST(TestPoolAsync, test_map_async) {
    Pool pool(options());
    const std::vector<int> squares = pool.map_async(square, cohort::range(10)).get();
    for (int i = 0; i != 10; ++i) EXPECT_EQ(squares.at(static_cast<std::size_t>(i)), i * i);
    EXPECT_EQ(pool.map_async(square, {1, 2, 3}, {.chunksize = 2}).get(), (std::vector{1, 4, 9}));
    EXPECT_EQ(pool.map_async(square, std::vector<int>()).get(), std::vector<int>());
    pool.map_async([](int) {}, cohort::range(3)).get();
}

POOL_TEST(TestPoolAsync, test_starmap_async) {
    Pool pool(options());
    const auto multiply = [](int a, int b) { return a * b; };
    const std::vector<std::tuple<int, int>> pairs{{1, 2}, {3, 4}, {5, 6}};
    EXPECT_EQ(pool.starmap_async(multiply, pairs).get(), (std::vector{2, 12, 30}));
    EXPECT_EQ(pool.starmap_async(multiply, {std::pair(7, 8)}).get(), std::vector{56});
}

POOL_TEST(TestPoolAsync, test_map_async_callbacks) {
    Pool pool(options());
    std::vector<std::vector<int>> got;
    std::vector<std::string> errors;
    const auto keep = [&](const std::vector<int>& all) { got.push_back(all); };
    const auto keep_error = [&](std::exception_ptr error) {
        errors.push_back(cohort::test::error_text<std::out_of_range>([&] { std::rethrow_exception(error); }));
    };
    pool.map_async(square, cohort::range(3), {.callback = keep, .error_callback = keep_error}).wait();
    EXPECT_EQ(got, (std::vector<std::vector<int>>{{0, 1, 4}}));
    pool.map_async(fail, {1, 2}, {.callback = keep, .error_callback = keep_error}).wait();
    EXPECT_EQ(got.size(), 1U);
    EXPECT_EQ(errors, std::vector<std::string>{"item 1"});
    pool.map_async(square, std::vector<int>(), {.callback = keep}).wait();
    EXPECT_EQ(got.size(), 2U);
}

// --- what cohort adds ---

class PoolAsync : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(PoolAsync);

POOL_TEST(PoolAsync, errors_come_with_get) {
    Pool pool(options());
    const auto result = pool.apply_async(fail, 5);
    EXPECT_THROW(result.get(), std::out_of_range);
    EXPECT_THROW(result.get(), std::out_of_range);
    EXPECT_FALSE(result.successful());
    EXPECT_EQ(pool.apply_async(square, 2).get(), 4);
}

POOL_TEST(PoolAsync, nobody_need_wait) {
    Pool pool(options());
    Value<int> count;
    for (int i = 0; i != 100; ++i) pool.apply_async([](Value<int> value) { value.fetch_add(1); }, count);
    pool.close();
    pool.join();
    EXPECT_EQ(count.value(), 100);
}

POOL_TEST(PoolAsync, tasks_go_on_while_the_caller_does_something_else) {
    Pool pool(options());
    Event begun;
    Event go_on;
    const auto first = pool.apply_async(
        [](Event here, Event there) {
            here.set();
            there.wait();
            return 1;
        },
        begun, go_on);
    begun.wait();
    const auto second = pool.apply_async(square, 3);
    while (!second.ready()) std::this_thread::yield();
    EXPECT_FALSE(first.ready());
    go_on.set();
    EXPECT_EQ(first.get() + second.get(), 10);
}

POOL_TEST(PoolAsync, many_results_in_any_order) {
    Pool pool(options());
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 2000; ++i) results.push_back(pool.apply_async(square, i));
    for (int i = 1999; i >= 0; --i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), i * i);
}

POOL_TEST(PoolAsync, callbacks_run_here_one_at_a_time) {
    Pool pool(options());
    int sum = 0;  // no lock
    std::set<std::thread::id> threads;
    const auto add = [&](int i) {
        EXPECT_NE(::getpid(), 0);
        threads.insert(std::this_thread::get_id());
        sum += i;
    };
    int errors = 0;
    for (int i = 0; i != 50; ++i) {
        pool.apply_async(square, cohort::args(i), {.callback = add});
        pool.apply_async(fail, cohort::args(i),
                         {.callback = add, .error_callback = [&](std::exception_ptr) { ++errors; }});
    }
    int calls = 0;
    const AsyncResult<void> last = pool.apply_async(nothing, cohort::args(), {.callback = [&] { ++calls; }});
    last.get();
    EXPECT_EQ(calls, 1);
    pool.close();
    pool.join();
    EXPECT_EQ(sum, 49 * 50 * 99 / 6);
    EXPECT_EQ(errors, 50);
    EXPECT_EQ(threads.size(), 1U);
}

POOL_TEST(PoolAsync, a_callback_may_submit_and_ask_for_results) {
    Pool pool(options());
    std::vector<int> found;
    std::optional<AsyncResult<int>> inner;
    const auto outer = pool.apply_async(square, cohort::args(2), {.callback = [&](int i) {
                                            inner = pool.apply_async(square, cohort::args(i),
                                                                     {.callback = [&](int k) { found.push_back(k); }});
                                            found.push_back(inner->get());
                                        }});
    EXPECT_EQ(outer.get(), 4);
    EXPECT_EQ(inner->get(), 16);
    pool.close();
    pool.join();
    EXPECT_EQ(found, (std::vector{16, 16}));
}

POOL_TEST(PoolAsync, what_a_callback_throws_is_told_and_harms_nothing) {
    Pool pool(options());
    testing::internal::CaptureStderr();
    const auto result =
        pool.apply_async(square, cohort::args(2), {.callback = [](int) { throw std::runtime_error("oh"); }});
    EXPECT_EQ(result.get(), 4);
    EXPECT_EQ(pool.apply_async(square, 3).get(), 9);
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("a callback of a pool has thrown std::runtime_error: oh"), std::string::npos) << text;
}

POOL_TEST(PoolAsync, a_callback_may_destroy_the_pool) {
    auto pool = std::make_unique<Pool>(options());
    Event never;
    const auto lost = pool->apply_async([](Event event) { event.wait(); }, never);
    const auto end_it = [&](int) {
        if constexpr (are_threads<Pool>) never.set();  // threads are waited for
        pool.reset();
    };
    const auto result = pool->apply_async(square, cohort::args(2), {.callback = end_it});
    EXPECT_EQ(result.get(), 4);
    EXPECT_EQ(pool, nullptr);
    if constexpr (are_threads<Pool>)
        lost.get();
    else
        EXPECT_THROW(lost.get(), cohort::CancelledError);
}

POOL_TEST(PoolAsync, a_callback_may_hold_the_pool) {
    auto pool = std::make_shared<Pool>(options());
    Event go_on;
    const auto wait_for = [](const Event& event) {
        event.wait();
        return 5;
    };
    int got = 0;
    const auto result =
        pool->apply_async(wait_for, cohort::args(go_on), {.callback = [pool, &got](int i) { got = i; }});
    pool.reset();  // now only the call has it
    go_on.set();
    EXPECT_EQ(result.get(), 5);
    EXPECT_EQ(got, 5);
}

POOL_TEST(PoolAsync, a_callback_cannot_join_its_pool) {
    Pool pool(options());
    std::string text;
    const auto join = [&](int) {
        pool.close();
        text = cohort::test::error_text<cohort::ValueError>([&] { pool.join(); });
    };
    pool.apply_async(square, cohort::args(2), {.callback = join}).get();
    EXPECT_NE(text.find("wait for itself"), std::string::npos);
}

POOL_TEST(PoolAsync, results_outlive_the_pool) {
    AsyncResult<std::string> done;
    AsyncResult<void> dropped;
    Event never;
    int callbacks = 0;
    {
        Pool pool(options(1));
        done = pool.apply_async([] { return std::string("here"); });
        done.wait();
        // A thread is waited for, with the task that it runs; the next one is dropped.
        if constexpr (are_threads<Pool>) pool.apply_async(wait_until_stopped);
        dropped = pool.apply_async([](Event event) { event.wait(); }, cohort::args(never),
                                   {.error_callback = [&](std::exception_ptr) { ++callbacks; }});
    }
    EXPECT_EQ(done.get(), "here");
    EXPECT_THROW(dropped.get(), cohort::CancelledError);
    EXPECT_FALSE(dropped.successful());
    EXPECT_EQ(callbacks, 0);
    EXPECT_THROW(AsyncResult<int>().get(), cohort::ValueError);
}

POOL_TEST(PoolAsync, a_lost_worker_fails_its_task_only) {
    if constexpr (are_threads<Pool>) return;  // a thread does not die alone
    Pool pool(options());
    const auto lost = pool.apply_async([] { std::raise(SIGKILL); });
    const auto other = pool.apply_async(square, 6);
    EXPECT_THROW(lost.get(), cohort::WorkerLostError);
    EXPECT_EQ(other.get(), 36);
    Value<int> runs;
    const auto dies_once = [](Value<int> value) {
        if (value.fetch_add(1) == 0) std::raise(SIGKILL);
    };
    pool.apply_async(dies_once, cohort::args(runs), {.retries = 1}).get();
    EXPECT_EQ(runs.value(), 2);
}

POOL_TEST(PoolAsync, move_only_results_and_arguments) {
    Pool pool(options());
    const auto result = pool.apply_async([](std::unique_ptr<int> i) { return std::make_unique<int>(*i + 1); },
                                         std::make_unique<int>(4));
    const std::unique_ptr<int> got = std::move(result.get());
    EXPECT_EQ(*got, 5);
}

POOL_TEST(PoolAsync, several_threads_wait_for_one_result) {
    Pool pool(options());
    Event go_on;
    const auto result = pool.apply_async(
        [](Event event) {
            event.wait();
            return 8;
        },
        go_on);
    std::vector<std::thread> threads;
    std::array<int, 4> got{};
    for (int& mine : got) threads.emplace_back([&] { mine = result.get(); });
    go_on.set();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(got, (std::array{8, 8, 8, 8}));
}

POOL_TEST(PoolAsync, beside_calls_that_wait) {
    Pool pool(options());
    std::vector<AsyncResult<int>> results;
    for (int round = 0; round != 20; ++round) {
        results.push_back(pool.apply_async(square, round));
        EXPECT_EQ(pool.apply(square, round), round * round);
        EXPECT_EQ(pool.map(square, {1, 2, 3}), (std::vector{1, 4, 9}));
    }
    for (int round = 0; round != 20; ++round) EXPECT_EQ(results[static_cast<std::size_t>(round)].get(), round * round);
}

// Whoever leads at the moment, awake or asleep, and when it goes: each call is looked for.
POOL_TEST(PoolAsync, calls_come_while_other_threads_come_and_go) {
    constexpr int kCalls = 2'000;
    Pool pool(options());
    std::atomic<bool> over = false;
    std::vector<std::thread> leaders;
    for (int i = 0; i != 2; ++i)
        leaders.emplace_back([&] {
            for (int call = 0; !over; ++call) EXPECT_EQ(pool.apply(square, call % 100), call % 100 * (call % 100));
        });
    std::vector<std::thread> callers;
    for (int i = 0; i != 2; ++i)
        callers.emplace_back([&] {
            std::vector<AsyncResult<int>> results;
            for (int call = 0; call != kCalls; ++call) results.push_back(pool.apply_async(square, call));
            for (int call = 0; call != kCalls; ++call)
                EXPECT_EQ(results[static_cast<std::size_t>(call)].get(), call * call);
            for (int call = 0; call != kCalls / 10; ++call) EXPECT_EQ(pool.apply_async(square, 3).get(), 9);
        });
    for (auto& caller : callers) caller.join();
    over = true;
    for (auto& leader : leaders) leader.join();
}

POOL_TEST(PoolAsync, a_closed_pool_takes_nothing) {
    Pool pool(options());
    pool.close();
    EXPECT_THROW(pool.apply_async(square, 1), cohort::ValueError);
    EXPECT_THROW(pool.map_async(square, {1}), cohort::ValueError);
    int (*none)(int) = nullptr;
    EXPECT_THROW(pool.apply_async(none, 1), cohort::ValueError);
}

POOL_TEST(PoolAsync, processes_can_be_forked_beside_its_thread) {
    Pool pool(options());
    pool.apply_async(square, 1).get();
    testing::internal::CaptureStderr();
    for (int i = 0; i != 5; ++i) {
        const auto result = pool.apply_async(square, i);
        cohort::Process child(nothing);
        child.start();
        child.join();
        EXPECT_EQ(child.exitcode(), 0);
        EXPECT_EQ(result.get(), i * i);
    }
    const std::string text = testing::internal::GetCapturedStderr();
    if constexpr (!are_threads<Pool>) {  // a thread with a task may hold locks of the program
        EXPECT_EQ(text, "");
    }
}

}  // namespace
