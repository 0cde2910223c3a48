// SPDX-License-Identifier: MIT
// Tasks that end their worker, or leave it in a state in which a pool of Python would hang.
#include "chaos/pool_no_hang/no_hang.hpp"

#include <cohort/process/process.hpp>
#include <cohort/sync/event.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

// --- one task ends its worker ---

void exit_at_once() {
    ::_exit(5);
}
void abort_it() {
    std::abort();
}
void crash() {
    std::raise(SIGSEGV);
}
void be_killed() {
    std::raise(SIGKILL);
}
void execute_another_program() {
    ::execl("/bin/sleep", "sleep", "1000", static_cast<char*>(nullptr));
}

TEST_P(NoHang, exit_in_task) {
    expect_lost<exit_at_once>(5);
}

TEST_P(NoHang, abort_in_task) {
    expect_lost<abort_it>(-SIGABRT);
}

TEST_P(NoHang, crash_in_task) {
    expect_lost<crash>(-SIGSEGV);
}

TEST_P(NoHang, kill_in_task) {
    expect_lost<be_killed>(-SIGKILL);
}

TEST_P(NoHang, another_program_in_task) {
    expect_lost<execute_another_program>(-SIGKILL);
}

// --- one task throws ---

void throw_error() {
    throw std::domain_error("as wanted");
}

struct ThrowsAtItsEnd {
    ~ThrowsAtItsEnd() noexcept(false) { throw std::domain_error("from a destructor"); }
};
void throw_from_destructor() {
    const ThrowsAtItsEnd local;
}

struct MayNotThrowAtItsEnd {
    bool bad = true;
    ~MayNotThrowAtItsEnd() {
        if (bad) throw_error();
    }
};
void throw_from_noexcept_destructor() {
    const MayNotThrowAtItsEnd local;
}

class TextThrows : public std::exception {
public:
    const char* what() const noexcept override {
        throw_error();
        return "";
    }
};
void throw_what_throws() {
    throw TextThrows();
}

class NoText : public std::exception {
public:
    const char* what() const noexcept override { return nullptr; }
};
void throw_without_text() {
    throw NoText();
}

TEST_P(NoHang, error_in_task) {
    EXPECT_EQ((expect_error<std::domain_error, throw_error>()), "as wanted");
}

TEST_P(NoHang, destructor_throws) {
    EXPECT_EQ((expect_error<std::domain_error, throw_from_destructor>()), "from a destructor");
    expect_lost<throw_from_noexcept_destructor>(-SIGABRT);
}

// what() is noexcept: that it throws ends the process.
TEST_P(NoHang, text_of_error_throws) {
    expect_lost<throw_what_throws>(-SIGABRT);
}

TEST_P(NoHang, error_without_text) {
    EXPECT_NE((expect_error<RemoteError, throw_without_text>()).find("NoText"), std::string::npos);
}

// --- one task harms the worker ---

void close_all_descriptors() {
    for (int descriptor = 0; descriptor != 1000; ++descriptor) ::close(descriptor);
}

TEST_P(NoHang, descriptors_closed_in_task) {
    Pool pool(pool_of(2));
    const auto outcomes = outcomes_with<close_all_descriptors>(pool);
    for (int i = 0; i != kItems; ++i) EXPECT_EQ(outcomes.at(static_cast<std::size_t>(i)).value(), square(i));
    expect_works(pool);
}

// --- deaths beside other things ---

void start_a_child_and_die(const Mailbox& ready) {
    Process child({.start_method = StartMethod::fork}, report_and_wait_for_a_signal, ready);
    child.start();
    const std::string pid = ready.take();
    ready.post(pid);
    std::raise(SIGKILL);
}

// What a task has started ends with its worker.
TEST_P(NoHang, children_of_a_killed_worker_end) {
    Pool pool(pool_of(2));
    const Mailbox ready = mailbox();
    EXPECT_THROW(pool.apply(start_a_child_and_die, ready), WorkerLostError);
    wait_for_end(std::stoi(ready.take()));
    expect_works(pool);
}

TEST_P(NoHang, shutdown_with_lost_task) {
    Pool pool(pool_of(2));
    const Mailbox ready = mailbox();
    std::thread caller([&] { EXPECT_THROW(pool.apply(report_and_wait_for_a_signal, ready), WorkerLostError); });
    const pid_t worker = std::stoi(ready.take());
    pool.close();
    ::kill(worker, SIGKILL);
    caller.join();
    pool.join();
}

TEST_P(NoHang, killed_while_idle) {
    Pool pool(pool_of(3));
    for (const pid_t worker : pool.worker_pids()) {
        ::kill(worker, SIGKILL);
        wait_for_end(worker);
    }
    EXPECT_EQ(pool.map(square, {1, 2, 3}), (std::vector{1, 4, 9}));
    const auto workers = pool.worker_pids();
    expect_works(pool);
    for (const pid_t worker : workers) EXPECT_FALSE(is_running(worker));
}

TEST_P(NoHang, races_of_crashes) {
    Pool pool(pool_of(4));
    auto die_often = [](int i) {
        if (i % 5 == 0) std::raise(SIGKILL);
        return i;
    };
    const auto outcomes = pool.map(die_often, cohort::range(40), collect, {.chunksize = 1});
    for (int i = 0; i != 40; ++i) {
        const auto& outcome = outcomes.at(static_cast<std::size_t>(i));
        ASSERT_EQ(outcome.has_value(), i % 5 != 0) << i;
        if (!outcome) {
            EXPECT_EQ(error_as<WorkerLostError>(outcome.error())->task_index(), i);
        }
    }
    expect_works(pool);
}

/// Calls that kill their worker, one after the other, while others are under way in further threads.
template <class Call>
void while_workers_die(Pool& pool, Call call) {
    std::atomic<bool> enough{false};
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 3; ++caller)
        callers.emplace_back([&] {
            while (!enough) call();
        });
    for (int i = 0; i < 10; ++i) EXPECT_THROW(pool.apply(be_killed), WorkerLostError);
    enough = true;
}

TEST_P(NoHang, submit_while_worker_dies) {
    Pool pool(pool_of(2));
    while_workers_die(pool, [&] { EXPECT_EQ(pool.apply(square, 3), 9); });
    expect_works(pool);
}

TEST_P(NoHang, result_while_worker_dies) {
    Pool pool(pool_of(2));
    auto large = [](char fill) { return std::vector<char>(1'000'000, fill); };
    while_workers_die(pool, [&] { EXPECT_EQ(pool.map(large, {'a', 'b'}).back(), large('b')); });
    expect_works(pool);
}

// A worker leaves after each task, while several threads submit, and some of the tasks end theirs.
TEST_P(NoHang, worker_expires) {
    Pool pool({.processes = 2, .maxtasksperchild = 1, .start_method = GetParam()});
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 3; ++caller)
        callers.emplace_back([&pool] {
            only_error<WorkerLostError>(outcomes_with<be_killed>(pool));
            std::vector<AsyncResult<int>> results;
            for (int i = 0; i != 20; ++i) results.push_back(pool.apply_async(square, i));
            for (int i = 0; i != 20; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), square(i));
        });
    callers.clear();
    expect_works(pool);
}

// While one thread waits for results and spins, others want to look at the pool: none of them may starve.
TEST_P(NoHang, other_threads_get_in_while_one_waits) {
    Pool pool(pool_of(1));
    std::atomic<bool> enough{false};
    std::thread caller([&] {
        while (!enough) EXPECT_EQ(pool.apply(square, 3), 9);
    });
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(pool.worker_pids().size(), 1U);
    enough = true;
    caller.join();
}

// The thread that submitted ends, and so does one that waited and did the pool's work meanwhile.
TEST_P(NoHang, submitting_thread_ends) {
    Pool pool(pool_of(2));
    Event go_on;
    const auto wait_and_square = [](const Event& event, int i) {
        event.wait();
        return square(i);
    };
    AsyncResult<int> pending;
    std::thread([&] {
        pending = pool.apply_async(wait_and_square, go_on, 4);
        EXPECT_THROW(pool.apply(be_killed), WorkerLostError);
        EXPECT_FALSE(pending.wait(std::chrono::milliseconds(1)));
    }).join();
    EXPECT_EQ(pool.apply(square, 3), 9);
    go_on.set();
    EXPECT_EQ(pending.get(), 16);
    expect_works(pool);
}

}  // namespace
}  // namespace cohort::test
