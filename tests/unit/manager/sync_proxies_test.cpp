// SPDX-License-Identifier: MIT
#include <cohort/manager/manager.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/process/process.hpp>

#include "process/forkserver.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

/// Ends the forkserver, which else stays until the program ends.
class SyncProxies : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }

    const Manager m;
};

constexpr auto kMethods = {StartMethod::fork, StartMethod::spawn, StartMethod::forkserver};

template <class L>
void add_often(const L& lock, const ValueProxy<int>& value) {
    for (int i = 0; i < 50; ++i) {
        const std::scoped_lock guard(lock);
        value.set(value.get() + 1);
    }
}

template <class L>
void expect_that_it_excludes(const Manager& m, const L& lock) {
    for (const StartMethod method : kMethods) {
        const auto value = m.Value<int>();
        std::vector<Process> children;
        for (int i = 0; i < 4; ++i)
            children.emplace_back(ProcessOptions{.start_method = method}, add_often<L>, lock, value);
        for (Process& each : children) each.start();
        for (Process& each : children) each.join();
        EXPECT_EQ(value.get(), 200);
    }
}

TEST_F(SyncProxies, locks_exclude_processes_of_all_start_methods) {
    expect_that_it_excludes(m, m.Lock());
    expect_that_it_excludes(m, m.RLock());
    expect_that_it_excludes(m, m.Semaphore());
    expect_that_it_excludes(m, m.Condition());
}

TEST_F(SyncProxies, an_objects_own_lock_excludes) {
    const auto d = m.dict<std::string, int>({{"a", 0}, {"b", 0}});
    const auto before = m.number_of_objects();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([d] {
            const auto lock = d.lock();
            for (int n = 0; n < 50; ++n) {
                const std::scoped_lock guard(lock);
                d["a"] = d["a"] + 1;
                d["b"] = d["b"] + 1;
            }
        });
    for (auto& each : threads) each.join();
    EXPECT_EQ(d["a"] + d["b"], 400);
    EXPECT_EQ(d.lock(), d.lock());
    EXPECT_NE(d.lock(), m.list<int>().lock());
    EXPECT_EQ(m.number_of_objects(), before + 1);
}

TEST_F(SyncProxies, an_objects_own_lock_goes_with_it) {
    {
        const auto l = m.list<int>({1});
        l.lock().acquire();
        EXPECT_TRUE(l.lock().locked());
    }
    EXPECT_EQ(m.number_of_objects(), 0U);
    RLockProxy lock;
    {
        const auto v = m.Value<int>();
        lock = v.lock();
    }
    EXPECT_TRUE(lock.acquire());
    EXPECT_EQ(m.number_of_objects(), 1U);
}

TEST_F(SyncProxies, a_lock_has_the_members_of_a_local_one) {
    const auto lock = m.Lock();
    EXPECT_TRUE(lock.acquire());
    EXPECT_FALSE(lock.acquire(false));
    EXPECT_FALSE(lock.acquire(1ms));
    EXPECT_FALSE(lock.acquire(true, 1ms));
    EXPECT_FALSE(lock.try_lock());
    EXPECT_FALSE(lock.try_lock_for(1ms));
    EXPECT_FALSE(lock.try_lock_until(std::chrono::steady_clock::now() + 1ms));
    EXPECT_TRUE(lock.locked());
    EXPECT_FALSE(lock.abandoned());
    std::thread([lock] { lock.release(); }).join();
    EXPECT_FALSE(lock.locked());
    EXPECT_THROW(lock.release(), std::runtime_error);
    std::thread([lock] { lock.acquire(); }).join();
    EXPECT_TRUE(lock.locked());  // the end of a thread alone releases nothing
    lock.release();

    const auto recursive = m.RLock();
    const std::scoped_lock guard(recursive, lock);
    EXPECT_TRUE(recursive.try_lock());
    std::thread([recursive] {
        EXPECT_THROW(recursive.release(), std::runtime_error);
        EXPECT_FALSE(recursive.try_lock());
    }).join();
    recursive.release();
}

TEST_F(SyncProxies, a_semaphore_has_the_members_of_a_local_one) {
    const auto semaphore = m.BoundedSemaphore(2);
    EXPECT_EQ(semaphore.get_value(), 2);
    {
        const std::unique_lock guard(semaphore);
        EXPECT_TRUE(semaphore.try_lock());
        EXPECT_TRUE(semaphore.locked());
        EXPECT_FALSE(semaphore.acquire(1ms));
        semaphore.unlock();
    }
    EXPECT_THROW(semaphore.release(), ValueError);
    EXPECT_THROW(m.Semaphore(-1), std::exception);
    const auto signals = m.Semaphore(0);
    std::thread waiter([signals] {
        for (int i = 0; i < 3; ++i) EXPECT_TRUE(signals.acquire());
    });
    signals.release(3);
    waiter.join();
}

TEST_F(SyncProxies, a_condition_wakes_those_that_wait) {
    for (const auto& condition : {m.Condition(), m.Condition(m.Lock()), m.Condition(m.RLock())}) {
        EXPECT_THROW(condition.wait(), std::runtime_error);
        EXPECT_THROW(condition.notify(), std::runtime_error);
        const auto value = m.Value<int>();
        std::thread waiter([condition, value] {
            const std::scoped_lock guard(condition);
            EXPECT_TRUE(condition.wait_for([&] { return value.get() == 3; }));
            value.set(10);
            condition.notify_all();
        });
        {
            const std::scoped_lock guard(condition);
            EXPECT_FALSE(condition.wait(1ms));
            EXPECT_FALSE(condition.wait_for([] { return false; }, 1ms));
            value.set(3);
            condition.notify();
            EXPECT_TRUE(condition.wait_for([&] { return value.get() == 10; }, 1h));
        }
        waiter.join();
    }
    EXPECT_THROW(m.Condition(m.Semaphore()), std::exception);
}

TEST_F(SyncProxies, a_barrier_lets_all_pass_at_once) {
    const auto barrier = m.Barrier(3);
    std::vector<std::ptrdiff_t> numbers(3);
    std::vector<std::thread> parties;
    for (auto& each : numbers) parties.emplace_back([barrier, &each] { each = barrier.wait(); });
    for (auto& each : parties) each.join();
    EXPECT_EQ(numbers[0] + numbers[1] + numbers[2], 3);
    EXPECT_EQ(barrier.parties(), 3);
    EXPECT_EQ(barrier.n_waiting(), 0);
    EXPECT_THROW(barrier.wait(1ms), BrokenBarrierError);
    EXPECT_TRUE(barrier.broken());
    barrier.reset();
    EXPECT_FALSE(barrier.broken());
    barrier.abort();
    EXPECT_THROW(barrier.wait(forever), BrokenBarrierError);
    EXPECT_THROW(m.Barrier(2, 1ms).wait(), BrokenBarrierError);
    EXPECT_THROW(m.Barrier(0), std::exception);
}

template <class Hold>
Process hold_until_killed(const EventProxy& ready, Hold hold) {
    return Process([ready, hold] {
        hold();
        ready.set();
        std::this_thread::sleep_for(1h);
    });
}

/// Starts a child that holds something, waits until it does, and kills it.
template <class Hold>
void kill_one_that(const Manager& m, Hold hold) {
    const auto ready = m.Event();
    Process child = hold_until_killed(ready, hold);
    child.start();
    ASSERT_TRUE(ready.wait());
    child.kill();
    child.join();
}

TEST_F(SyncProxies, what_a_killed_process_held_is_free) {
    const auto lock = m.Lock();
    const auto recursive = m.RLock();
    const auto semaphore = m.Semaphore(1);
    const auto condition = m.Condition();
    const auto d = m.dict<int, int>();
    const auto own = d.lock();
    kill_one_that(m, [=] {
        lock.acquire();
        recursive.acquire();
        recursive.acquire();
        semaphore.lock();
        condition.acquire();
        own.acquire();
    });
    for (const AcquirerProxy& each : std::vector<AcquirerProxy>{lock, recursive, semaphore, condition, own})
        EXPECT_TRUE(each.acquire());
    for (const AcquirerProxy& each : std::vector<AcquirerProxy>{lock, recursive, condition, own})
        EXPECT_TRUE(each.abandoned());
    lock.release();
    EXPECT_FALSE(lock.abandoned());
}

TEST_F(SyncProxies, a_process_whose_child_has_copies_of_its_sockets_is_dead_when_it_is) {
    const auto lock = m.Lock();
    const auto stay = m.Event();
    const auto ready = m.Event();
    const auto gone = m.Event();
    Process parent([=] {
        lock.acquire();
        Process child({.detached = true}, [=] {
            ready.set();
            stay.wait();
            gone.set();
        });
        child.start();
        std::this_thread::sleep_for(1h);
    });
    parent.start();
    ASSERT_TRUE(ready.wait());
    parent.kill();
    parent.join();
    EXPECT_TRUE(lock.acquire());
    stay.set();
    EXPECT_TRUE(gone.wait());
}

TEST_F(SyncProxies, a_killed_waiter_leaves_no_trace) {
    const auto condition = m.Condition();
    const auto barrier = m.Barrier(2);
    const auto waiting = m.Event();
    Process in_wait([=] {
        const std::scoped_lock guard(condition);
        waiting.set();
        condition.wait();
    });
    Process at_barrier([=] { barrier.wait(); });
    in_wait.start();
    at_barrier.start();
    waiting.wait();
    condition.acquire();  // only once the child waits
    condition.release();
    while (barrier.n_waiting() == 0) std::this_thread::yield();
    for (Process* each : {&in_wait, &at_barrier}) {
        each->kill();
        each->join();
    }
    while (!barrier.broken()) std::this_thread::yield();  // the server learns of a death a moment after it
    EXPECT_THROW(barrier.wait(), BrokenBarrierError);
    const std::scoped_lock guard(condition);
    condition.notify_all();
}

TEST_F(SyncProxies, numbers_of_an_array_are_changed_at_once) {
    const auto a = m.Array<int>({0, 5});
    std::vector<Process> children;
    for (int i = 0; i < 4; ++i)
        children.emplace_back([a] {
            for (int n = 0; n < 50; ++n) {
                a[0] += 1;
                --a[-1];
                a[1].update([](int number) { return number + 1; });
            }
        });
    for (Process& each : children) each.start();
    for (Process& each : children) each.join();
    EXPECT_EQ(a.copy(), (std::vector<int>{200, 5}));
    EXPECT_THROW(a[2] += 1, std::out_of_range);
    EXPECT_THROW(a[0] += std::int64_t{1} << 40, std::exception);
    EXPECT_EQ(a[0], 200);
}

}  // namespace
