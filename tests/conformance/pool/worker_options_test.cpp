// SPDX-License-Identifier: MIT
// What workers are told beside tasks, and what is seen of them: for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/call_async.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/pool/worker_state.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/pools.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class PoolWorkers : public Pools {};
INSTANTIATE_TEST_SUITE_P(, PoolWorkers, kEveryStartMethod, name_of);

std::string variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? value : "(none)";
}

TEST_P(PoolWorkers, variables_are_set_in_workers_only) {
    PoolOptions options = pool_of(1);
    options.env = {{"COHORT_TEST_A", "one"}, {"COHORT_TEST_B", ""}};
    options.maxtasksperchild = 1;
    Pool pool(options);
    EXPECT_EQ(pool.apply(variable, "COHORT_TEST_A"), "one");
    EXPECT_EQ(pool.apply(variable, "COHORT_TEST_B"), "");
    EXPECT_EQ(variable("COHORT_TEST_A"), "(none)");
}

std::string shown_name() {
    std::string name;
    std::getline(std::ifstream("/proc/self/comm"), name);
    return name;
}

TEST_P(PoolWorkers, names_are_shown_by_ps) {
    PoolOptions options = pool_of(1);
    options.name = "hasher";
    Pool pool(options);
    EXPECT_EQ(pool.apply(shown_name), "hasher-1");
}

// --- the end of workers ---

TEST_P(PoolWorkers, call_worker_exit_when_they_leave) {
    const Value<int> left(0);
    PoolOptions options = pool_of(2);
    options.worker_exit = partial([](const Value<int>& count) { count.fetch_add(1); }, left);
    Pool pool(options);
    pool.worker_pids();
    pool.map([](int i) { return i; }, range(4), {.chunksize = 1});
    pool.close();
    pool.join();
    EXPECT_GE(left.value(), 1);  // one that is not quite ready when the pool ends has nothing to leave
    EXPECT_LE(left.value(), 2);
}

TEST_P(PoolWorkers, call_worker_exit_when_they_expire) {
    const Value<int> left(0);
    PoolOptions options = pool_of(1);
    options.maxtasksperchild = 1;
    options.worker_exit = partial([](const Value<int>& count) { count.fetch_add(1); }, left);
    Pool pool(options);
    for (int i = 0; i != 3; ++i) pool.apply(square, i);
    pool.close();
    pool.join();
    EXPECT_GE(left.value(), 3);
}

TEST_P(PoolWorkers, an_exit_that_throws_loses_no_result) {
    PoolOptions options = pool_of(1);
    options.maxtasksperchild = 1;
    options.worker_exit = [] {
        ::close(STDERR_FILENO);
        throw std::runtime_error("nobody hears it");
    };
    Pool pool(options);
    EXPECT_EQ(pool.map(square, {1, 2, 3}, {.chunksize = 1}), (std::vector<int>{1, 4, 9}));
}

TEST_P(PoolWorkers, that_are_ended_do_not_call_it) {
    const Value<int> left(0);
    PoolOptions options = pool_of(2);
    options.worker_exit = partial([](const Value<int>& count) { count.fetch_add(1); }, left);
    Pool pool(options);
    pool.terminate();
    pool.join();
    EXPECT_EQ(left.value(), 0);
}

int keep_mebibytes(int count) {
    auto& kept = worker_state<std::vector<std::unique_ptr<std::vector<char>>>>();
    kept.push_back(std::make_unique<std::vector<char>>(std::size_t(count) << 20, 'x'));
    return ::getpid();
}

TEST_P(PoolWorkers, that_have_grown_are_replaced_after_their_task) {
    PoolOptions options = pool_of(1);
    options.memory_recycle = std::size_t{48} << 20;
    Pool pool(options);
    const int first = pool.apply(keep_mebibytes, 1);
    EXPECT_EQ(pool.apply(keep_mebibytes, 64), first);
    EXPECT_NE(pool.apply(keep_mebibytes, 1), first);
    EXPECT_EQ(pool.stats().workers.at(0).restarts, 1U);
}

TEST_P(PoolWorkers, that_idle_end_and_come_again) {
    PoolOptions options = pool_of(2);
    options.idle_timeout = 20ms;
    Pool pool(options);
    const auto before = pool.map([](int) { return ::getpid(); }, range(2), {.chunksize = 1});
    for (const pid_t pid : before) wait_for_end(pid);
    const auto after = pool.map([](int) { return ::getpid(); }, range(8), {.chunksize = 1});
    for (const pid_t pid : after) EXPECT_EQ(std::count(before.begin(), before.end(), pid), 0);
    pool.close();
    pool.join();
}

TEST_P(PoolWorkers, tasks_that_come_while_workers_go_are_run) {
    PoolOptions options = pool_of(2);
    options.idle_timeout = 1ms;
    Pool pool(options);
    for (int i = 0; i != 100; ++i) {
        EXPECT_EQ(pool.apply(square, i), i * i);
        if (i % 4 == 0) std::this_thread::sleep_for(1ms);
    }
}

// --- state ---

struct Counter {
    explicit Counter(int from = 0) : count(from) {}
    int count;
};

std::pair<int, int> count_calls(int from) {
    Counter& counter = worker_state<Counter>(from);
    return {::getpid(), ++counter.count};
}

TEST_P(PoolWorkers, each_has_its_own_state) {
    Pool pool(pool_of(2));
    std::map<int, int> last;
    for (const auto& [pid, count] : pool.map(count_calls, std::vector<int>(20, 100), {.chunksize = 1}))
        last[pid] = std::max(last[pid], count);
    int calls = 0;
    for (const auto& [pid, count] : last) calls += count - 100;
    EXPECT_EQ(calls, 20);
}

TEST_P(PoolWorkers, a_new_worker_begins_with_a_new_state) {
    PoolOptions options = pool_of(1);
    options.maxtasksperchild = 1;
    Pool pool(options);
    for (int i = 0; i != 3; ++i) EXPECT_EQ(pool.apply(count_calls, 7).second, 8);
}

struct Announced {
    explicit Announced(Value<int> where) : gone(std::move(where)) {}
    Announced(const Announced&) = delete;
    Announced& operator=(const Announced&) = delete;
    ~Announced() { gone.fetch_add(1); }
    Value<int> gone;
};

TEST_P(PoolWorkers, their_state_is_destroyed_when_they_leave) {
    const Value<int> gone(0);
    Pool pool(pool_of(1));
    pool.apply([](const Value<int>& count) { worker_state<Announced>(count); }, gone);
    EXPECT_EQ(gone.value(), 0);
    pool.close();
    pool.join();
    EXPECT_EQ(gone.value(), 1);
}

struct SlowToGo {
    explicit SlowToGo(Value<int> where) : gone(std::move(where)) {}
    SlowToGo(const SlowToGo&) = delete;
    SlowToGo& operator=(const SlowToGo&) = delete;
    ~SlowToGo() {
        std::this_thread::sleep_for(30ms);
        gone.fetch_add(1);
    }
    Value<int> gone;
};

TEST_P(PoolWorkers, who_leaves_may_take_its_time) {
    const Value<int> gone(0);
    PoolOptions options = pool_of(1);
    options.maxtasksperchild = 1;
    Pool pool(options);
    for (int i = 0; i != 3; ++i) pool.apply([](const Value<int>& count) { worker_state<SlowToGo>(count); }, gone);
    pool.close();
    pool.join();
    EXPECT_EQ(gone.value(), 3);
}

TEST(WorkerState, is_for_workers) {
    EXPECT_NE(error_text<Error>([] { worker_state<Counter>(); }).find("for tasks of a pool"), std::string::npos);
}

// --- what is seen of them ---

void sleep_for_it(int milliseconds) {
    std::this_thread::sleep_for(milliseconds * 1ms);
}

int wait_if_two(const Event& go_on, int i) {
    if (i == 2) go_on.wait();
    return i;
}

TEST_P(PoolWorkers, stats_count_what_they_did) {
    Pool pool(pool_of(2));
    pool.map(square, range(100), {.chunksize = 1});
    auto stats = pool.stats();
    ASSERT_EQ(stats.workers.size(), 2U);
    const auto pids = pool.worker_pids();
    std::size_t tasks = 0;
    for (std::size_t place = 0; place != 2; ++place) {
        const WorkerStats& worker = stats.workers[place];
        tasks += worker.tasks;
        EXPECT_EQ(worker.pid, pids[place]);
        EXPECT_EQ(worker.restarts, 0U);
        EXPECT_GT(worker.memory, 0U);
    }
    EXPECT_EQ(tasks, 100U);
}

int odd_ends_its_worker(int i) {
    if (i % 2 != 0) ::_exit(1);
    if (i % 4 != 0) throw std::out_of_range("item " + std::to_string(i));
    return i;
}

TEST_P(PoolWorkers, stats_do_not_count_what_was_not_run_to_its_end) {
    for (const std::size_t chunksize : {1U, 5U}) {
        Pool pool(pool_of(2));
        pool.map(odd_ends_its_worker, range(10), collect, {.chunksize = chunksize});
        std::size_t tasks = 0;
        for (const WorkerStats& worker : pool.stats().workers) tasks += worker.tasks;
        EXPECT_EQ(tasks, 5U);
    }
}

TEST_P(PoolWorkers, stats_remember_the_slowest_tasks) {
    Pool pool(pool_of(2));
    pool.map(sleep_for_it, {60, 0, 0, 120, 0, 0, 0, 30}, {.chunksize = 1});
    const auto slowest = pool.stats().slowest;
    ASSERT_GE(slowest.size(), 3U);
    EXPECT_LE(slowest.size(), 5U);
    EXPECT_EQ(slowest[0].index, 3U);
    EXPECT_EQ(slowest[1].index, 0U);
    EXPECT_GE(slowest[0].time, slowest[1].time);
    EXPECT_GE(slowest[0].time, 100ms);
    EXPECT_NE(slowest[0].function.find("sleep_for_it"), std::string::npos) << slowest[0].function;
    EXPECT_NE(slowest[0].pid, 0);
}

TEST_P(PoolWorkers, stats_count_restarts) {
    Pool pool(pool_of(1));
    pool.map([](int) { ::raise(SIGKILL); }, {1}, collect);
    EXPECT_EQ(pool.apply(square, 3), 9);
    EXPECT_EQ(pool.stats().workers.at(0).restarts, 1U);
}

// --- another number of them ---

TEST_P(PoolWorkers, more_of_them) {
    Pool pool(pool_of(1));
    Event go_on;
    const auto stuck = pool.apply_async([](const Event& event) { event.wait(); }, go_on);
    pool.resize(3);
    EXPECT_EQ(pool.worker_pids().size(), 3U);
    EXPECT_EQ(pool.map(square, range(20)).back(), 361);
    go_on.set();
    stuck.get();
    std::ostringstream shown;
    shown << pool;
    EXPECT_EQ(shown.str(), "<Pool state=RUN pool_size=3>");
}

TEST_P(PoolWorkers, fewer_of_them) {
    Pool pool(pool_of(3));
    const auto before = pool.worker_pids();
    pool.resize(1);
    for (std::size_t place = 1; place != 3; ++place) wait_for_end(before[place]);
    EXPECT_EQ(pool.worker_pids(), std::vector<pid_t>{before[0]});
    EXPECT_EQ(pool.map(square, range(20)).back(), 361);
    pool.resize(2);
    EXPECT_EQ(pool.worker_pids().size(), 2U);
}

TEST_P(PoolWorkers, those_too_many_end_their_task_first) {
    Pool pool(pool_of(2));
    Event go_on;
    const auto results = pool.map_async(partial(wait_if_two, go_on), {2, 2}, {.chunksize = 1});
    pool.resize(1);
    go_on.set();
    EXPECT_EQ(results.get(), (std::vector<int>{2, 2}));
    EXPECT_EQ(pool.worker_pids().size(), 1U);
}

TEST_P(PoolWorkers, numbers_that_cannot_be) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.resize(0), ValueError);
    EXPECT_THROW(pool.resize(-1), ValueError);
    EXPECT_NE(error_text<ValueError>([&] { pool.resize(17); }).find("16 at most"), std::string::npos);
    pool.close();
    EXPECT_THROW(pool.resize(2), ValueError);
}

TEST_P(PoolWorkers, variables_that_cannot_be) {
    const auto refusal = [](const std::string& name, const std::string& value) {
        PoolOptions options = pool_of(1);
        options.env = {{"COHORT_TEST_A", "one"}, {name, value}};
        return error_text<ValueError>([&] { Pool pool(options); });
    };
    EXPECT_NE(refusal("", "nameless").find("''='nameless'"), std::string::npos);
    EXPECT_NE(refusal("A=B", "x").find("'A=B'"), std::string::npos);
    EXPECT_NE(refusal(std::string("CUT\0OFF", 7), "x").find("'CUT'"), std::string::npos);
    EXPECT_NE(refusal("VALUE", std::string("x\0y", 3)).find("'VALUE'"), std::string::npos);
}

// --- pools in tasks ---

/// How deep it went, and why it went no deeper.
std::pair<int, std::string> nest_pools(StartMethod method, int depth) {
    try {
        Pool pool({.processes = 1, .start_method = method});
        return pool.apply(nest_pools, method, depth + 1);
    } catch (const Error& error) {
        return {depth, error.what()};
    }
}

TEST_P(PoolWorkers, may_have_pools_but_not_for_ever) {
    const auto [depth, text] = nest_pools(GetParam(), 0);
    EXPECT_EQ(depth, 16);
    EXPECT_NE(text.find("nested 16 deep"), std::string::npos) << text;
}

// --- one process for one call ---

TEST(CallAsync, gives_the_result_of_a_process) {
    const auto result = call_async([](int a, int b) { return std::pair(::getpid(), a + b); }, 2, 3);
    EXPECT_NE(result.get().first, ::getpid());
    EXPECT_EQ(result.get().second, 5);
}

TEST(CallAsync, takes_any_callable) {
    std::vector<int> numbers(1000, 3);
    std::mutex unsent;
    const auto sum = call_async([&] {
        const std::lock_guard lock(unsent);
        int total = 0;
        for (const int number : numbers) total += number;
        return total;
    });
    const auto moved = call_async([](const std::unique_ptr<int>& number) { return *number; }, std::make_unique<int>(4));
    EXPECT_EQ(sum.get(), 3000);
    EXPECT_EQ(moved.get(), 4);
}

TEST(CallAsync, tells_errors_and_deaths) {
    EXPECT_THROW(call_async([] { throw std::out_of_range("no"); }).get(), std::out_of_range);
    EXPECT_THROW(call_async([] { ::raise(SIGKILL); }).get(), WorkerLostError);
}

TEST(CallAsync, ends_its_process_when_cancelled) {
    const Event never;
    const auto result = call_async([&] { never.wait(); });
    EXPECT_TRUE(result.cancel());
    EXPECT_THROW(result.get(), CancelledError);
}

TEST(CallAsync, goes_on_when_its_result_is_given_up) {
    const Event done;
    {
        call_async([&] { Event(done).set(); });
    }
    done.wait();
}

TEST(CallAsync, a_null_pointer_is_refused) {
    int (*nothing)() = nullptr;
    EXPECT_THROW(call_async(nothing), ValueError);
}

}  // namespace
}  // namespace cohort::test
