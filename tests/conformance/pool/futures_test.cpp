// SPDX-License-Identifier: MIT
// Timeouts, retries, priorities and cancelling, and results as futures, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>
#include <cohort/pool/as_completed.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/every_pool.hpp"
#include "conformance/pool/pools.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#ifdef __cpp_impl_coroutine
#include <coroutine>
#endif
#include <csignal>
#include <exception>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class PoolFutures : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(PoolFutures);

void wait_for(const Event& event) {
    event.wait();
}

int hang_at_two(const Event& never, int i) {
    if (i == 2) never.wait();
    return i;
}

// --- timeouts ---

POOL_TEST(PoolFutures, a_task_that_runs_too_long_fails_alone) {
    Pool pool(options(2));
    Event never;
    std::vector<pid_t> before;
    if constexpr (!are_threads<Pool>) before = pool.worker_pids();
    const std::size_t retries = are_threads<Pool> ? 0 : 3;  // for deaths
    const auto stuck = pool.apply_async(wait_for, args(never), {.timeout = 20ms, .retries = retries});
    const auto other = pool.apply_async(square, 3);
    const std::string text = error_text<TimeoutError>([&] { stuck.get(); });
    EXPECT_NE(text.find("wait_for"), std::string::npos) << text;
    EXPECT_NE(text.find("longer than its timeout of 0.02 s"), std::string::npos) << text;
    EXPECT_FALSE(stuck.successful());
    EXPECT_EQ(other.get(), 9);
    if constexpr (are_threads<Pool>)
        never.set();  // its thread goes on
    else
        EXPECT_NE(pool.worker_pids(), before);
    EXPECT_EQ(pool.map(square, {1, 2, 3}, {.timeout = 1h}), (std::vector{1, 4, 9}));
}

POOL_TEST(PoolFutures, a_timeout_is_of_each_item) {
    Pool pool(options(2));
    for (const std::size_t chunksize : {1U, 3U}) {
        Event never;
        const auto outcomes = pool.map(partial(hang_at_two, never), range(6), collect,
                                       {.chunksize = chunksize, .timeout = 300ms});  // the quick ones are not over it
        ASSERT_EQ(outcomes.size(), 6U);
        for (int i = 0; i != 6; ++i) {
            const auto& outcome = outcomes[static_cast<std::size_t>(i)];
            ASSERT_EQ(outcome.has_value(), i != 2);
            if (i == 2)
                EXPECT_THROW(outcome.value(), TimeoutError);
            else
                EXPECT_EQ(outcome.value(), i);
        }
        never.set();  // a thread waits on
    }
    Event never;
    auto results = pool.imap(partial(hang_at_two, never), range(4), {.timeout = 300ms});
    EXPECT_EQ(results.next(), 0);
    EXPECT_EQ(results.next(), 1);
    EXPECT_THROW(results.next(), TimeoutError);
    EXPECT_EQ(results.next(), 3);
    never.set();
}

POOL_TEST(PoolFutures, a_stopped_worker_is_over_its_time) {
    if constexpr (are_threads<Pool>) return;  // threads are not stopped alone
    Pool pool(options(1));
    const auto stopped = pool.apply_async([] { std::raise(SIGSTOP); }, args(), {.timeout = 20ms});
    EXPECT_THROW(stopped.get(), TimeoutError);
    EXPECT_EQ(pool.apply(square, 2), 4);
}

POOL_TEST(PoolFutures, a_timeout_must_be_positive) {
    Pool pool(options(1));
    EXPECT_THROW(pool.map(square, {1}, {.timeout = 0s}), ValueError);
    EXPECT_THROW(pool.apply_async(square, args(1), {.timeout = -1s}), ValueError);
    EXPECT_THROW(pool.imap(square, {1}, {.chunksize = 0}), ValueError);
}

// --- retries ---

POOL_TEST(PoolFutures, errors_that_are_worth_another_run) {
    Pool pool(options(2));
    Value<int> runs;
    const auto fails_twice = [](Value<int> count, int i) {
        if (i == 1 && count.fetch_add(1) < 2) throw std::domain_error("not yet");
        return i;
    };
    const auto is_domain_error = [](const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::domain_error&) {
            return true;
        } catch (...) {
            return false;
        }
    };
    const auto task = partial(fails_twice, runs);
    EXPECT_EQ(pool.map(task, range(4), {.retries = 2, .retry_if = is_domain_error}), (std::vector{0, 1, 2, 3}));
    EXPECT_EQ(runs.value(), 3);
    runs.set_value(0);
    EXPECT_THROW(pool.map(task, range(4), {.retries = 1, .retry_if = is_domain_error}), std::domain_error);
    runs.set_value(0);
    EXPECT_EQ(pool.apply_async(task, args(1), {.retries = 2, .retry_if = is_domain_error}).get(), 1);
    runs.set_value(0);
    if constexpr (are_threads<Pool>) {
        EXPECT_THROW(pool.map(task, range(4), {.retries = 5}), ValueError);  // threads do not die
    } else {
        EXPECT_THROW(pool.map(task, range(4), {.retries = 5}), std::domain_error);  // nothing chooses it
        EXPECT_EQ(runs.value(), 1);
    }
}

// --- nobody waits ---

POOL_TEST(PoolFutures, ends_are_told_though_nobody_waits_for_them) {
    Pool pool(options(1));
    Event told;
    Event done;
    const auto die = [](const Event& never) {
        if constexpr (are_threads<Pool>)
            throw std::runtime_error("threads do not die alone");
        else
            std::raise(SIGKILL);
        never.wait();
    };
    const Event never;
    for (int i = 0; i != 5; ++i) {
        told.clear();
        done.clear();
        const auto result = pool.apply_async(die, args(never), {.error_callback = [&](const auto&) { told.set(); }});
        result.add_done_callback([&](const auto&) { done.set(); });
        told.wait();
        done.wait();
        EXPECT_FALSE(result.successful());
    }
    if constexpr (!are_threads<Pool>) {
        told.clear();
        pool.apply_async(wait_for, args(never), {.error_callback = [&](const auto&) { told.set(); }, .timeout = 20ms});
        told.wait();
    }
}

// --- collect ---

POOL_TEST(PoolFutures, collecting_errors) {
    Pool pool(options(2));
    const auto odd_fails = [](int i) {
        if (i % 2 != 0) throw std::out_of_range("item " + std::to_string(i));
        return i;
    };
    const std::vector<Outcome<int>> outcomes = pool.map(odd_fails, {0, 1, 2}, collect);
    EXPECT_EQ(outcomes[0].value(), 0);
    EXPECT_EQ(error_text<std::out_of_range>([&] { outcomes[1].value(); }), "item 1");
    EXPECT_EQ(outcomes[2].error(), nullptr);
    if constexpr (are_threads<Pool>) return;  // a thread does not die alone
    const std::vector<Outcome<void>> deaths = pool.starmap(
        [](int i, int) {
            if (i == 1) std::raise(SIGKILL);
        },
        {std::pair(1, 1), std::pair(2, 1)}, collect);
    EXPECT_THROW(deaths[0].value(), WorkerLostError);
    EXPECT_TRUE(deaths[1]);
}

POOL_TEST(PoolFutures, collecting_errors_of_calls_that_go_on) {
    Pool pool(options(2));
    std::size_t told = 0;
    const auto odd_fails = [](int i) {
        if (i % 2 != 0) throw std::out_of_range("item " + std::to_string(i));
        return i;
    };
    const auto result = pool.map_async(odd_fails, std::vector{0, 1, 2}, collect,
                                       {.callback = [&](const std::vector<Outcome<int>>& all) { told = all.size(); }});
    const auto outcomes = result.get();
    EXPECT_EQ(told, 3U);
    EXPECT_TRUE(result.successful());
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(outcomes[0].value(), 0);
    EXPECT_FALSE(outcomes[1].has_value());
    EXPECT_EQ(outcomes[2].value(), 2);
    const auto pairs = pool.starmap_async([](int a, int b) { return a + b; }, std::vector{std::pair(1, 1)}, collect);
    EXPECT_EQ(pairs.get().at(0).value(), 2);
}

POOL_TEST(PoolFutures, collecting_errors_of_a_call_that_is_cancelled) {
    if constexpr (!are_threads<Pool>) {  // these end their task first
        Pool pool(options(1));
        const Event never;
        const auto result = pool.map_async(partial(hang_at_two, never), std::vector{1, 2, 3}, collect);
        EXPECT_TRUE(result.cancel());
        EXPECT_THROW(result.get(), CancelledError);
        EXPECT_TRUE(result.cancelled());
    }
}

// --- priority ---

POOL_TEST(PoolFutures, the_most_urgent_first) {
    Pool pool(options(1));
    Event go_on;
    Queue<int> order;
    const auto blocker = pool.apply_async(wait_for, go_on);
    // What is in the ring already keeps its place: it is full of others.
    std::vector<AsyncResult<void>> fillers;
    for (int i = 0; i != 5000; ++i) fillers.push_back(pool.apply_async(wait_for, go_on));
    const auto note = [](const Queue<int>& queue, int i) { queue.put(i); };
    for (const int priority : {-1, 0, 2, 1, 2}) pool.apply_async(note, args(order, priority), {.priority = priority});
    go_on.set();
    pool.close();
    pool.join();
    std::vector<int> found;
    for (int i = 0; i != 5; ++i) found.push_back(order.get());  // get_many() may give fewer
    EXPECT_EQ(found, (std::vector{2, 2, 1, 0, -1}));
}

// --- cancelling ---

POOL_TEST(PoolFutures, a_running_call_is_cancelled) {
    if constexpr (are_threads<Pool>) return;  // it is asked to stop: ThreadPool.cancelling_a_task_that_runs_…
    Pool pool(options(1));
    Event begun;
    const Event never;
    const auto stuck = pool.apply_async(
        [](Event here, const Event& there) {
            here.set();
            there.wait();
        },
        begun, never);
    begun.wait();
    EXPECT_TRUE(stuck.running());
    EXPECT_FALSE(stuck.cancelled());
    EXPECT_TRUE(stuck.cancel());
    EXPECT_THROW(stuck.get(), CancelledError);
    EXPECT_TRUE(stuck.cancelled());
    EXPECT_FALSE(stuck.running());
    EXPECT_FALSE(stuck.cancel());
    EXPECT_THROW(stuck.exception(), CancelledError);
    EXPECT_EQ(pool.apply(square, 5), 25);
}

POOL_TEST(PoolFutures, a_waiting_call_is_cancelled_and_never_run) {
    Pool pool(options(1));
    Event go_on;
    Value<int> runs;
    const auto first = pool.apply_async(wait_for, go_on);
    const auto count = [](Value<int> value) { value.fetch_add(1); };
    std::vector<AsyncResult<void>> waiting;
    for (int i = 0; i != 100; ++i) waiting.push_back(pool.apply_async(count, runs));
    std::string error;
    const auto told = pool.apply_async(count, args(runs), {.error_callback = [&](std::exception_ptr e) {
                                           error = error_text<CancelledError>([&] { std::rethrow_exception(e); });
                                       }});
    for (const auto& result : waiting) EXPECT_TRUE(result.cancel());
    EXPECT_TRUE(told.cancel());
    for (const auto& result : waiting) EXPECT_THROW(result.get(0s), CancelledError);
    EXPECT_THROW(told.get(), CancelledError);
    EXPECT_EQ(error, "the call was cancelled");
    go_on.set();
    first.get();
    pool.apply(square, 1);  // behind them
    EXPECT_EQ(runs.value(), 0);
    EXPECT_FALSE(first.cancel());
}

POOL_TEST(PoolFutures, a_map_is_cancelled) {
    Pool pool(options(2));
    Event begun;
    Event never;
    const auto task = [](Event here, const Event& there, int) {
        here.set();
        there.wait();
    };
    const auto stuck = pool.map_async(partial(task, begun, never), range(100), {.chunksize = 5});
    begun.wait();
    EXPECT_TRUE(stuck.cancel());
    if constexpr (are_threads<Pool>) never.set();  // what runs is waited for
    EXPECT_THROW(stuck.get(), CancelledError);
    EXPECT_EQ(pool.map(square, {1, 2}), (std::vector{1, 4}));
    pool.close();
    EXPECT_TRUE(pool.join(1h));
}

// --- futures ---

POOL_TEST(PoolFutures, exception) {
    Pool pool(options(1));
    EXPECT_EQ(pool.apply_async(square, 2).exception(), nullptr);
    const auto failed = pool.submit([]() -> int { throw std::out_of_range("no"); });
    EXPECT_THROW(std::rethrow_exception(failed.exception()), std::out_of_range);
    Event never;
    EXPECT_THROW(pool.apply_async(wait_for, never).exception(1ms), TimeoutError);
    never.set();
}

POOL_TEST(PoolFutures, done_callbacks_are_called_however_a_call_ends) {
    const Event never;
    Event started;
    int done = 0;
    {
        Pool pool(options(1));
        const auto result = pool.apply_async(square, args(3), {.on_start = [&] { started.set(); }});
        result.add_done_callback([&](const AsyncResult<int>& it) { done += it.get(); });
        result.wait();
        result.add_done_callback([&](const AsyncResult<int>& it) { done += it.get(); });  // here
        EXPECT_TRUE(started.wait(0s));
        if constexpr (are_threads<Pool>) pool.apply_async(wait_until_stopped);  // what runs is not dropped
        const auto dropped = pool.apply_async(wait_for, never);
        dropped.add_done_callback([&](const AsyncResult<void>& it) { done += it.cancelled() ? 100 : 0; });
    }
    EXPECT_EQ(done, 118);
}

POOL_TEST(PoolFutures, on_start_has_returned_when_the_result_is_there) {
    Pool pool(options(2));
    for (int i = 0; i != 50; ++i) {
        std::atomic<int> begun = 0;
        const auto result = pool.apply_async(square, args(i), {.on_start = [&] { ++begun; }});
        result.wait();
        EXPECT_EQ(begun, 1);
    }
}

POOL_TEST(PoolFutures, as_completed_gives_the_first_first) {
    Pool pool(options(2));
    Event go_on;
    const auto wait_and_square = [](const Event& event, int i) {
        if (i == 0) event.wait();
        return i * i;
    };
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 4; ++i) results.push_back(pool.apply_async(wait_and_square, go_on, i));
    std::vector<int> got;
    for (const auto& result : as_completed(results)) {
        got.push_back(result.get());
        if (got.size() == 3) go_on.set();
    }
    EXPECT_EQ(got.back(), 0);
    EXPECT_EQ(got.size(), 4U);
    Event never;
    results.push_back(pool.apply_async(wait_and_square, never, 0));
    int count = 0;
    const auto read_all = [&] {
        for (const auto& result : as_completed(results, 1ms)) count += result.ready() ? 1 : 0;
    };
    EXPECT_EQ(error_text<TimeoutError>(read_all), "1 of 5 results are not there yet");
    EXPECT_EQ(count, 4);
    never.set();
}

POOL_TEST(PoolFutures, wait_for_results) {
    Pool pool(options(2));
    Event never;
    std::vector<AsyncResult<void>> results;
    results.push_back(pool.apply_async([] {}));
    results.push_back(pool.apply_async(wait_for, never));
    auto [done, not_done] = cohort::wait(results, forever, first_completed);
    EXPECT_EQ(done.size(), 1U);
    EXPECT_EQ(not_done.size(), 1U);
    EXPECT_EQ(cohort::wait(results, 1ms).not_done.size(), 1U);
    results.push_back(pool.apply_async([] { throw std::runtime_error("oh"); }));
    EXPECT_EQ(cohort::wait(results, forever, first_exception).not_done.size(), 1U);
    EXPECT_EQ(results[1].cancel(), !are_threads<Pool>);
    never.set();
    EXPECT_EQ(cohort::wait(results).done.size(), 3U);
}

POOL_TEST(PoolFutures, lists_in_braces) {
    Pool pool(options(2));
    Event go_on;
    const auto first = pool.apply_async(square, 2);
    const auto second = pool.apply_async(hang_at_two, go_on, 2);
    auto [done, not_done] = cohort::wait({first, second}, forever, first_completed);
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done.front().get(), 4);
    EXPECT_EQ(not_done.size(), 1U);
    go_on.set();
    EXPECT_EQ(cohort::wait({first, second}).done.size(), 2U);
    int sum = 0;
    for (const auto& result : as_completed({first, second})) sum += result.get();
    EXPECT_EQ(sum, 6);
    const auto nothing = pool.apply_async(wait_for, go_on);
    EXPECT_FALSE(cohort::wait({Waitable(first), Waitable(nothing)}).empty());
    EXPECT_FALSE(cohort::wait({first, nothing}).empty());  // of two types

    const auto outcomes = pool.map_async(square, {1, 2}, collect).get();
    EXPECT_EQ(outcomes.at(1).value(), 4);
    const auto add = [](int a, int b) { return a + b; };
    const auto sums = pool.starmap_async(add, {std::tuple{1, 2}, std::tuple{3, 4}}, collect, {.chunksize = 1}).get();
    EXPECT_EQ(sums.at(1).value(), 7);
}

POOL_TEST(PoolFutures, submit_takes_what_apply_async_takes) {
    Pool pool(options(1));
    EXPECT_EQ(pool.submit(square, 3).get(), 9);
    EXPECT_EQ(pool.submit(square, args(4)).get(), 16);
    std::atomic<int> told = 0;
    const auto with_options = pool.submit(square, args(5), {.callback = [&](int i) { told = i; }, .timeout = 1h});
    EXPECT_EQ(with_options.get(), 25);
    EXPECT_EQ(told, 25);
}

POOL_TEST(PoolFutures, wait_for_results_beside_other_things) {
    Pool pool(options(1));
    const Queue<int> queue;
    Event go_on;
    const auto result = pool.apply_async(wait_for, go_on);
    EXPECT_TRUE(cohort::wait({queue, result}, 1ms).empty());
    go_on.set();
    const auto ready = cohort::wait({queue, result});
    ASSERT_EQ(ready.size(), 1U);
    EXPECT_EQ(ready.front(), Waitable(result));
}

#ifdef __cpp_impl_coroutine

/// A coroutine that nobody waits for.
struct Detached {
    struct promise_type {
        Detached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

int only_small(int i) {
    if (i > 100) throw std::out_of_range("no");
    return i;
}

template <class Pool>
Detached square_twice(Pool& pool, int i, std::promise<std::string>& told) {
    std::string text;
    try {
        const int once = co_await pool.apply_async(square, i);
        text = std::to_string(co_await pool.apply_async(square, once));
        co_await pool.apply_async(only_small, 1000);
    } catch (const std::out_of_range& error) {
        text += std::string(" ") + error.what();
    }
    told.set_value(text);
}

POOL_TEST(PoolFutures, results_are_awaited) {
    Pool pool(options(2));
    std::promise<std::string> told;
    square_twice(pool, 3, told);
    EXPECT_EQ(told.get_future().get(), "81 no");
}

#endif

}  // namespace
}  // namespace cohort::test
