// SPDX-License-Identifier: MIT
// What only pools of threads have; what they share with others is in the suites beside this one.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/as_completed.hpp>
#include <cohort/pool/thread_pool.hpp>
#include <cohort/process/start_method.hpp>
#include <cohort/sync/event.hpp>

#include "os/fork.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cohort::AsyncResult;
using cohort::Event;
using cohort::ThreadPool;
using cohort::ValueError;
using cohort::test::error_text;

int square(int i) {
    return i * i;
}

/// Sleeps until it is to stop.
void wait_for_stop(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, stop, [] { return false; });
}

/// Can be moved only, and not sent.
struct Owner {
    explicit Owner(int i) : value(std::make_unique<int>(i)) {}
    std::unique_ptr<int> value;
    virtual ~Owner() = default;
    Owner(Owner&&) = default;
    Owner& operator=(Owner&&) = default;
};

// --- nothing is sent ---

TEST(ThreadPool, tasks_run_here_and_use_what_the_caller_has) {
    ThreadPool pool(2);
    std::atomic<int> sum = 0;
    std::set<std::thread::id> threads;
    std::mutex mutex;
    pool.map(
        [&](int i) {
            EXPECT_NE(std::this_thread::get_id(), std::thread::id());
            sum += i;
            const std::scoped_lock guard(mutex);
            threads.insert(std::this_thread::get_id());
        },
        cohort::range(100));
    EXPECT_EQ(sum, 4950);
    EXPECT_LE(threads.size(), 2U);
    EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
    EXPECT_EQ(pool.apply([] { return ::getpid(); }), ::getpid());
}

TEST(ThreadPool, any_callable_any_argument_any_result) {
    ThreadPool pool(2);
    std::function<int(int)> twice = [](int i) { return 2 * i; };
    EXPECT_EQ(pool.map(twice, {1, 2}), (std::vector{2, 4}));
    const auto owners = pool.map([](int i) { return Owner(i); }, {7, 8});
    EXPECT_EQ(*owners[1].value, 8);
    EXPECT_EQ(pool.apply([](Owner owner) { return *owner.value; }, Owner(3)), 3);
    const auto owned = std::make_unique<int>(4);
    EXPECT_EQ(pool.apply([&owned, more = std::make_unique<int>(5)] { return *owned + *more; }), 9);
    EXPECT_EQ(pool.apply_async([more = std::make_unique<int>(5)] { return *more; }).get(), 5);
    int here = 0;
    int* there = pool.apply([&here]() -> int* { return &here; });
    EXPECT_EQ(there, &here);
    EXPECT_EQ(pool.apply(&std::string::size, std::string("four")), 4U);
    const auto result = pool.apply_async([] { return Owner(6); });
    EXPECT_EQ(*result.get().value, 6);
    auto results = pool.imap([](int i) { return std::mutex(), Owner(i); }, cohort::range(3));
    EXPECT_EQ(*results.next()->value, 0);
}

TEST(ThreadPool, items_stay_where_they_are) {
    ThreadPool pool(2);
    std::vector<std::string> words{"a", "b"};
    const auto addresses = pool.map([](const std::string& word) { return &word; }, words);
    EXPECT_EQ(addresses, (std::vector<const std::string*>{&words[0], &words[1]}));
    pool.map([](std::string& word) { word += "!"; }, words);
    EXPECT_EQ(words, (std::vector<std::string>{"a!", "b!"}));
    const std::list<std::string> constant{"c"};
    EXPECT_EQ(pool.map([](const std::string& word) { return &word; }, constant).at(0), &constant.front());
    EXPECT_EQ(pool.map([](std::string& word) { return word += "?"; }, constant).at(0), "c?");  // of a copy
    EXPECT_EQ(constant.front(), "c");
    std::vector<std::unique_ptr<int>> owned;
    for (int i = 0; i != 3; ++i) owned.push_back(std::make_unique<int>(i));
    EXPECT_EQ(pool.map([](const std::unique_ptr<int>& i) { return *i; }, owned), (std::vector{0, 1, 2}));
    EXPECT_EQ(pool.map([](std::unique_ptr<int> i) { return *i; }, owned), (std::vector{0, 1, 2}));
    EXPECT_EQ(owned[0], nullptr);
    std::vector<std::pair<std::string, Owner>> pairs;
    pairs.emplace_back("x", Owner(1));
    const auto first_of = [](const std::string& name, const Owner&) { return &name; };
    EXPECT_EQ(pool.starmap(first_of, pairs).at(0), &pairs[0].first);
}

// --- stop tokens ---

TEST(ThreadPool, a_task_may_take_a_stop_token) {
    ThreadPool pool(2);
    const auto task = [](std::stop_token stop, int i) {
        return stop.stop_possible() && !stop.stop_requested() ? i : -1;
    };
    EXPECT_EQ(pool.apply(task, 5), 5);
    EXPECT_EQ(pool.map(task, {1, 2}), (std::vector{1, 2}));
    EXPECT_EQ(pool.apply_async(task, 6).get(), 6);
    EXPECT_EQ(pool.imap(task, {7}).next(), 7);
    EXPECT_EQ(pool.starmap([](std::stop_token, int a, int b) { return a * b; }, {std::pair(2, 3)}), std::vector{6});
    // A task that does without is called without.
    EXPECT_EQ(pool.apply([](auto... all) { return sizeof...(all); }, 1), 1U);
}

TEST(ThreadPool, cancelling_a_task_that_runs_asks_it_to_stop) {
    ThreadPool pool(1);
    Event begun;
    const auto stuck = pool.apply_async([&](std::stop_token stop) {
        begun.set();
        wait_for_stop(stop);
        return 3;
    });
    begun.wait();
    EXPECT_TRUE(stuck.running());
    EXPECT_FALSE(stuck.cancel());
    EXPECT_EQ(stuck.get(), 3);
    EXPECT_FALSE(stuck.cancelled());
    EXPECT_FALSE(stuck.cancel());
}

TEST(ThreadPool, cancelling_a_map_drops_what_waits) {
    ThreadPool pool(1);
    Event begun;
    std::atomic<int> runs = 0;
    const auto stuck = pool.map_async(
        [&](std::stop_token stop, int) {
            ++runs;
            begun.set();
            wait_for_stop(stop);
        },
        cohort::range(10), {.chunksize = 4});
    begun.wait();
    EXPECT_TRUE(stuck.cancel());
    EXPECT_THROW(stuck.get(), cohort::CancelledError);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST(ThreadPool, the_end_asks_tasks_to_stop_and_waits_for_them) {
    bool ended = false;
    AsyncResult<void> running;
    AsyncResult<int> waiting;
    {
        ThreadPool pool(1);
        Event begun;
        running = pool.apply_async([&](std::stop_token stop) {
            begun.set();
            wait_for_stop(stop);
            ended = true;
        });
        waiting = pool.apply_async(square, 3);
        begun.wait();
    }
    EXPECT_TRUE(ended);
    running.get();
    EXPECT_THROW(waiting.get(), cohort::CancelledError);
}

TEST(ThreadPool, iterators_leave_nothing_running) {
    ThreadPool pool(2);
    std::atomic<int> running = 0;
    {
        auto results = pool.imap_unordered(
            [&](std::stop_token stop, int i) {
                ++running;
                if (i != 0) wait_for_stop(stop);
                --running;
            },
            cohort::range(100));
        EXPECT_TRUE(results.next());
    }
    EXPECT_EQ(running, 0);
}

TEST(ThreadPool, ctrl_c_ends_a_call_with_its_task) {
    ThreadPool pool(1);
    std::atomic<int> runs = 0;
    bool stopped = false;
    const auto task = [&](std::stop_token stop, int) {
        ++runs;
        ::kill(::getpid(), SIGINT);
        wait_for_stop(stop);
        stopped = true;
    };
    EXPECT_THROW(pool.map(task, cohort::range(5)), cohort::Interrupted);
    EXPECT_EQ(runs, 1);
    EXPECT_TRUE(stopped);
    EXPECT_EQ(std::signal(SIGINT, SIG_DFL), SIG_DFL);
    EXPECT_EQ(pool.apply(square, 3), 9);
}

// --- timeouts ---

TEST(ThreadPool, a_task_over_its_time_is_finished_by_its_thread) {
    ThreadPool pool(1);
    Event go_on;
    std::atomic<bool> asked = false;
    const auto late = pool.apply_async(
        [&](std::stop_token stop) {
            wait_for_stop(stop);
            asked = stop.stop_requested();
            go_on.wait();
        },
        cohort::args(), {.timeout = 20ms});
    const std::string text = error_text<cohort::TimeoutError>([&] { late.get(); });
    EXPECT_NE(text.find("thread 1 runs"), std::string::npos) << text;
    EXPECT_NE(text.find("longer than its timeout of 0.02 s"), std::string::npos) << text;
    const auto next = pool.apply_async(square, 2);
    EXPECT_FALSE(next.ready());
    EXPECT_FALSE(late.cancel());
    go_on.set();
    EXPECT_EQ(next.get(), 4);
    EXPECT_TRUE(asked);
}

TEST(ThreadPool, the_caller_of_a_map_leaves_at_its_timeout) {
    Event go_on;
    ThreadPool pool(2);
    std::atomic<int> runs = 0;
    const auto task = [&](const std::string& word) {
        ++runs;
        if (word == "two") go_on.wait();
        return word;
    };
    const auto outcomes = pool.map(task, std::vector<std::string>{"one", "two", "three"}, cohort::collect,
                                   {.chunksize = 3, .timeout = 20ms});
    EXPECT_EQ(outcomes.at(0).value(), "one");
    EXPECT_THROW(outcomes.at(1).value(), cohort::TimeoutError);
    EXPECT_EQ(outcomes.at(2).value(), "three");
    EXPECT_EQ(runs, 3);
    std::vector<std::unique_ptr<int>> owned(1);
    const auto look = [](const std::unique_ptr<int>& i) { return i == nullptr; };
    EXPECT_THROW(pool.map(look, owned, {.timeout = 1s}), ValueError);
    auto results = pool.imap(task, std::vector<std::string>{"two", "four"}, {.timeout = 20ms});
    EXPECT_THROW(results.next(), cohort::TimeoutError);
    // Both threads are held up now.
    go_on.set();
    EXPECT_EQ(results.next(), "four");
}

TEST(ThreadPool, a_timeout_may_be_followed_by_another_run) {
    ThreadPool pool(2);
    Event never;
    std::atomic<int> runs = 0;
    const auto task = [&](std::stop_token stop) {
        if (++runs == 1) wait_for_stop(stop);
        return 5;
    };
    const auto result =
        pool.apply_async(task, cohort::args(),
                         {.timeout = 200ms, .retries = 1, .retry_if = [](const std::exception_ptr&) { return true; }});
    EXPECT_EQ(result.get(), 5);
}

// --- what is for processes ---

TEST(ThreadPool, what_is_for_processes_is_refused) {
    EXPECT_THROW(ThreadPool(0), ValueError);
    EXPECT_THROW(ThreadPool({.maxtasksperchild = 1}), ValueError);
    EXPECT_THROW(ThreadPool({.start_method = cohort::StartMethod::fork}), ValueError);
    EXPECT_THROW(ThreadPool({.memory_limit = 1}), ValueError);
    EXPECT_THROW(ThreadPool({.pin_cpus = true}), ValueError);
    ThreadPool pool(1);
    EXPECT_NE(error_text<ValueError>([&] { pool.worker_pids(); }).find("threads"), std::string::npos);
    EXPECT_NE(error_text<ValueError>([&] { pool.map(square, {1}, {.retries = 1}); }).find("threads do not die"),
              std::string::npos);
    const auto always = [](const std::exception_ptr&) { return true; };
    EXPECT_THROW(pool.apply_async([](std::unique_ptr<int>) {}, cohort::args(std::make_unique<int>(1)),
                                  {.retries = 1, .retry_if = always}),
                 ValueError);
    EXPECT_EQ(pool.apply(square, 2), 4);
}

// --- threads and processes ---

TEST(ThreadPool, a_copy_in_a_forked_process_is_refused) {
    ThreadPool pool(2);
    const auto result = pool.apply_async(square, 3);
    auto results = pool.imap(square, cohort::range(10));
    results.next();
    const auto child = cohort::os::fork_process();
    if (child.in_child()) {
        int refused = 0;
        const auto count = [&](auto&& use) {
            try {
                use();
            } catch (const ValueError&) {
            } catch (const cohort::Error&) {
                ++refused;
            }
        };
        count([&] { pool.apply(square, 1); });
        count([&] { pool.apply_async(square, 1); });
        count([&] { pool.terminate(); });
        count([&] {
            while (results.next()) {
            }
        });
        { const auto dropped = std::move(results); }
        { ThreadPool dropped(std::move(pool)); }
        _exit(refused);
    }
    EXPECT_EQ(child.process.wait(cohort::forever)->code(), 4);
    EXPECT_EQ(pool.apply(square, 3), 9);
    EXPECT_EQ(result.get(), 9);
}

TEST(ThreadPool, a_fork_in_a_task_ends_with_the_task) {
    ThreadPool pool(1);
    const pid_t here = ::getpid();
    auto child = pool.apply([] { return std::make_unique<cohort::os::Forked>(cohort::os::fork_process()); });
    EXPECT_EQ(::getpid(), here);
    EXPECT_EQ(child->process.wait(cohort::forever)->code(), 0);
}

TEST(ThreadPool, a_task_may_destroy_the_pool_but_not_join_it) {
    auto pool = std::make_unique<ThreadPool>(2);
    std::string text;
    const auto end_it = [&] {
        pool->close();
        text = error_text<ValueError>([&] { pool->join(); });
        pool.reset();
    };
    const auto result = pool->apply_async(end_it);
    result.wait();
    EXPECT_EQ(pool, nullptr);
    EXPECT_NE(text.find("wait for itself"), std::string::npos);
}

}  // namespace
