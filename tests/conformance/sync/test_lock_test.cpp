// SPDX-License-Identifier: MIT
#include <cohort/channel/pipe.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/sync/workers.hpp"
#include "support/error_text.hpp"

#include <chrono>
#include <csignal>
#include <map>
#include <mutex>
#include <vector>

using namespace std::chrono_literals;
using cohort::Event;
using cohort::Lock;
using cohort::RLock;
using cohort::Value;
using cohort::ValueError;
using cohort::test::error_text;

namespace {

// --- test_multiprocessing: _TestLock ---

TEST(TestLock, test_lock) {
    Lock lock;
    EXPECT_TRUE(lock.acquire());
    EXPECT_FALSE(lock.acquire(false));
    lock.release();
    EXPECT_EQ(error_text<ValueError>([&] { lock.release(); }), "semaphore or lock released too many times");
}

TEST(TestLock, test_rlock) {
    RLock lock;
    EXPECT_TRUE(lock.acquire());
    EXPECT_TRUE(lock.acquire());
    EXPECT_TRUE(lock.acquire());
    lock.release();
    lock.release();
    lock.release();
    EXPECT_EQ(error_text<ValueError>([&] { lock.release(); }), "attempt to release recursive lock not owned by thread");
}

TEST(TestLock, test_lock_locked) {
    Lock lock;
    EXPECT_FALSE(lock.locked());
    lock.acquire();
    EXPECT_TRUE(lock.locked());
    lock.release();
    EXPECT_FALSE(lock.locked());
}

TEST(TestLock, test_lock_context) {
    Lock lock;
    {
        std::scoped_lock guard(lock);
        EXPECT_TRUE(lock.locked());
    }
    EXPECT_FALSE(lock.locked());
}

TEST(TestLock, timeouts) {
    Lock lock;
    RLock recursive;
    std::scoped_lock guard(lock, recursive);
    EXPECT_FALSE(lock.acquire(0s));
    EXPECT_FALSE(lock.acquire(-1s));
    EXPECT_FALSE(lock.acquire(1ms));
    EXPECT_FALSE(lock.acquire(true, 1ms));
    EXPECT_FALSE(lock.acquire(false, 1000h));
    EXPECT_FALSE(lock.try_lock());
    EXPECT_FALSE(lock.try_lock_for(1ms));
    EXPECT_FALSE(lock.try_lock_until(std::chrono::system_clock::now() + 1ms));
    EXPECT_TRUE(recursive.try_lock());
    recursive.unlock();
}

TEST(TestLock, a_handle_that_was_moved_from) {
    Lock lock;
    Lock other = std::move(lock);
    EXPECT_THROW(lock.acquire(), ValueError);
    EXPECT_TRUE(other.acquire());
    lock = other;
    EXPECT_EQ(lock, other);
    EXPECT_NE(lock, Lock());
    EXPECT_TRUE(lock.locked());
}

TEST(TestLock, any_thread_may_release_a_lock_but_only_the_holder_an_rlock) {
    Lock lock;
    RLock recursive;
    std::scoped_lock guard(recursive);
    lock.acquire();
    std::thread([=]() mutable {
        lock.release();
        EXPECT_THROW(recursive.release(), ValueError);
        EXPECT_FALSE(recursive.acquire(false));
    }).join();
    EXPECT_TRUE(lock.acquire(false));
}

// --- between workers ---

class Locks : public cohort::test::Workers {};
class LockHolders : public cohort::test::WorkerProcesses {};

void count(Value<long> value, Lock lock, int times) {
    for (int i = 0; i != times; ++i) {
        std::scoped_lock guard(lock);
        ++*value;
    }
}

TEST_P(Locks, no_two_hold_it) {
    Value<long> value;
    Lock lock;
    {
        auto a = start(count, value, lock, 5000);
        auto b = start(count, value, lock, 5000);
        count(value, lock, 5000);
    }
    EXPECT_EQ(value.value(), 15'000);
}

void count_recursively(Value<long> value, int times) {
    for (int i = 0; i != times; ++i) {
        std::scoped_lock guard(value);
        value.set_value(value.value() + 1);
    }
}

TEST_P(Locks, an_rlock_is_taken_again) {
    Value<long> value;
    {
        auto a = start(count_recursively, value, 2000);
        auto b = start(count_recursively, value, 2000);
    }
    EXPECT_EQ(value.value(), 4000);
}

void hold_twice(cohort::RLock lock, cohort::Event held, cohort::Event seen) {
    std::scoped_lock guard(lock);
    lock.acquire();
    held.set();
    seen.wait();
    lock.release();
}

TEST_P(Locks, test_rlock_locked_2processes) {
    cohort::RLock lock;
    cohort::Event held;
    cohort::Event seen;
    EXPECT_FALSE(lock.locked());
    {
        auto holder = start(hold_twice, lock, held, seen);
        held.wait();
        EXPECT_TRUE(lock.locked());
        EXPECT_FALSE(lock.acquire(false));
        EXPECT_THROW(lock.release(), cohort::ValueError);
        seen.set();
    }
    EXPECT_FALSE(lock.locked());
}

void release_it(Lock lock) {
    lock.release();
}

TEST_P(Locks, another_worker_may_release_it) {
    Lock lock;
    lock.acquire();
    auto worker = start(release_it, lock);
    EXPECT_TRUE(lock.acquire());
}

struct Tools {
    Lock lock;
    Event event;
    int number = 0;
};

void use_all(std::vector<Lock> locks, std::map<int, Tools> tools, cohort::Connection ready) {
    for (auto& lock : locks) lock.acquire();
    tools.at(7).event.set();
    ready.send(tools.at(7).lock);
}

TEST_P(Locks, handles_in_containers_and_aggregates) {
    std::vector<Lock> locks(3);
    Tools tools;
    auto [ours, theirs] = cohort::Pipe();
    auto worker = start(use_all, locks, std::map<int, Tools>{{7, tools}}, theirs);
    EXPECT_TRUE(tools.event.wait());
    EXPECT_EQ(ours.recv<Lock>(), tools.lock);
    worker.join();
    for (auto& lock : locks) EXPECT_TRUE(lock.locked());
}

INSTANTIATE_TEST_SUITE_P(, Locks, cohort::test::kEveryWorker, cohort::test::name_of_worker);

// --- deaths ---

template <class AnyLock>
void hold_and_stay(AnyLock lock, Event held) {
    lock.acquire();
    held.set();
    for (;;) ::pause();
}

template <class AnyLock>
void the_next_one_gets_it(cohort::test::WorkerKind kind) {
    AnyLock lock;
    Event held;
    cohort::Process holder({.start_method = kind.method}, hold_and_stay<AnyLock>, lock, held);
    holder.start();
    ASSERT_TRUE(held.wait());
    EXPECT_FALSE(lock.acquire(false));
    EXPECT_FALSE(lock.abandoned());
    holder.kill();
    EXPECT_TRUE(lock.acquire());
    EXPECT_TRUE(lock.abandoned());
    lock.release();
    EXPECT_FALSE(lock.abandoned());
    EXPECT_TRUE(lock.acquire(false));
    EXPECT_FALSE(lock.abandoned());
    holder.join();
}

TEST_P(LockHolders, a_dead_one_blocks_nobody) {
    the_next_one_gets_it<Lock>(GetParam());
}
TEST_P(LockHolders, a_dead_one_of_an_rlock_blocks_nobody) {
    the_next_one_gets_it<RLock>(GetParam());
}

Lock make_and_die_holding() {
    Lock lock;
    lock.acquire();
    return lock;
}

void send_lock(cohort::Connection out) {
    out.send(make_and_die_holding());
}

TEST_P(LockHolders, an_object_outlives_the_process_that_made_it) {
    auto [ours, theirs] = cohort::Pipe();
    auto worker = start(send_lock, theirs);
    worker.join();
    auto lock = ours.recv<Lock>();
    EXPECT_TRUE(lock.acquire());
    EXPECT_TRUE(lock.abandoned());
}

INSTANTIATE_TEST_SUITE_P(, LockHolders, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
