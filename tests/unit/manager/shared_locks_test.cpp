// SPDX-License-Identifier: MIT
// Locks, conditions, barriers and semaphores of the program that registered callables return.
#include <cohort/base/errors.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/process.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/semaphore.hpp>

#include "process/forkserver.hpp"
#include "unit/manager/use_as_client.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using cohort::test::use_as_client;
using namespace std::chrono_literals;

/// Ends the forkserver, which else stays until the program ends.
class SharedLocks : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }
};

template <class T>
T given(const T& handle) {
    return handle;
}

template <class T>
void share(BaseManager& manager, const std::string& name, const T& handle) {
    manager.register_type(name, partial(given<T>, handle));
}

template <class Condition>
void wait_until(Condition condition) {
    while (!condition()) std::this_thread::yield();
}

void use(const BaseManager& m, RLock& lock, Condition& condition, Barrier& barrier) {
    const auto recursive = m.call<RLockProxy>("rlock");
    {
        const std::scoped_lock guard(recursive);
        EXPECT_TRUE(recursive.try_lock());
        EXPECT_FALSE(lock.acquire(false));
        std::thread([recursive] {
            EXPECT_FALSE(recursive.try_lock());
            EXPECT_THROW(recursive.release(), std::runtime_error);
        }).join();
        recursive.release();
        EXPECT_TRUE(recursive.locked());
    }
    EXPECT_FALSE(recursive.locked());
    EXPECT_FALSE(recursive.abandoned());
    EXPECT_EQ(m.call<RLockProxy>("rlock"), recursive);

    const auto proxy = m.call<ConditionProxy>("condition");
    EXPECT_THROW(proxy.wait(), std::runtime_error);
    EXPECT_THROW(proxy.notify(), std::runtime_error);
    bool woken = false;
    std::thread waiter([&] {
        const std::scoped_lock guard(proxy);
        EXPECT_FALSE(proxy.wait(1ms));
        EXPECT_TRUE(proxy.wait_for([&] { return woken; }));
    });
    {
        const std::scoped_lock guard(condition);
        EXPECT_TRUE(condition.wait_for([] { return true; }));
        woken = true;
        condition.notify_all();
    }
    waiter.join();

    const auto place = m.call<BarrierProxy>("barrier");
    EXPECT_EQ(place.parties(), 2);
    std::thread party([&] { EXPECT_GE(place.wait(), 0); });
    EXPECT_GE(barrier.wait(), 0);
    party.join();
    EXPECT_EQ(place.n_waiting(), 0);
    EXPECT_THROW(place.wait(1ms), BrokenBarrierError);
    EXPECT_TRUE(barrier.broken());
    EXPECT_TRUE(place.broken());
    place.reset();
    EXPECT_FALSE(barrier.broken());
    place.abort();
    EXPECT_THROW(barrier.wait(), BrokenBarrierError);
    barrier.reset();
}

TEST_F(SharedLocks, are_the_same_for_clients_and_the_program_under_each_start_method) {
    for (const StartMethod method : {StartMethod::fork, StartMethod::forkserver, StartMethod::spawn}) {
        RLock lock;
        Condition condition;
        Barrier barrier(2);
        BaseManager m({.start_method = method});
        share(m, "rlock", lock);
        share(m, "condition", condition);
        share(m, "barrier", barrier);
        m.start();
        use(m, lock, condition, barrier);
    }
}

TEST_F(SharedLocks, each_thread_of_a_client_is_one_of_its_own) {
    RLock lock;
    BaseManager m;
    share(m, "lock", lock);
    m.start();
    const auto proxy = m.call<RLockProxy>("lock");
    int count = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 20; ++n) {
                const std::scoped_lock guard(proxy);
                proxy.acquire();
                ++count;
                proxy.release();
            }
        });
    for (auto& each : threads) each.join();
    EXPECT_EQ(count, 80);
}

TEST_F(SharedLocks, a_thread_that_ends_releases_its_rlock_and_not_its_lock) {
    Lock lock;
    RLock recursive;
    BaseManager m;
    share(m, "lock", lock);
    share(m, "rlock", recursive);
    m.start();
    const auto proxy = m.call<LockProxy>("lock");
    const auto recursive_proxy = m.call<RLockProxy>("rlock");
    std::thread([=] {
        EXPECT_TRUE(proxy.acquire());
        EXPECT_TRUE(recursive_proxy.acquire());
        EXPECT_TRUE(recursive_proxy.acquire());
    }).join();
    EXPECT_TRUE(recursive.acquire());
    recursive.release();
    EXPECT_FALSE(lock.acquire(false));
    proxy.release();
}

TEST_F(SharedLocks, a_condition_and_its_lock_are_held_as_one) {
    Lock lock;
    Condition condition(lock);
    BaseManager m;
    share(m, "lock", lock);
    share(m, "condition", condition);
    m.start();
    const auto lock_proxy = m.call<LockProxy>("lock");
    const auto proxy = m.call<ConditionProxy>("condition");
    EXPECT_NE(lock_proxy.id(), proxy.id());
    lock_proxy.acquire();
    EXPECT_FALSE(proxy.wait(1ms));
    proxy.notify(3);
    proxy.release();
    EXPECT_FALSE(lock.locked());
    EXPECT_THROW(proxy.wait(), std::runtime_error);
    RLock recursive;
    BaseManager other;
    share(other, "lock", recursive);
    share(other, "condition", Condition(recursive));
    other.start();
    const auto other_lock = other.call<RLockProxy>("lock");
    const auto other_condition = other.call<ConditionProxy>("condition");
    other_lock.acquire();
    other_condition.acquire();
    EXPECT_FALSE(other_condition.wait(1ms));
    other_lock.release();
    EXPECT_TRUE(recursive.locked());
    other_condition.release();
    EXPECT_FALSE(recursive.locked());
}

TEST_F(SharedLocks, the_action_of_a_barrier_runs_where_the_last_one_arrives) {
    Barrier barrier(1, [] { throw std::out_of_range("as told"); });
    BaseManager m;
    share(m, "barrier", barrier);
    m.start();
    EXPECT_THROW(m.call<BarrierProxy>("barrier").wait(), std::out_of_range);
    EXPECT_TRUE(barrier.broken());
}

/// Starts a process that holds something, waits until it does, and kills it.
template <class Hold>
void kill_one_that(Hold hold) {
    Event ready;
    Process child({.start_method = StartMethod::fork}, [ready, hold]() mutable {
        hold();
        ready.set();
        std::this_thread::sleep_for(1h);
    });
    child.start();
    ready.wait();
    child.kill();
    child.join();
}

TEST_F(SharedLocks, what_a_killed_client_held_is_free) {
    RLock recursive;
    Condition condition;
    Condition plain{Lock()};
    Semaphore semaphore(2);
    BoundedSemaphore bounded(1);
    BaseManager m;
    share(m, "rlock", recursive);
    share(m, "condition", condition);
    share(m, "plain", plain);
    share(m, "semaphore", semaphore);
    share(m, "bounded", bounded);
    m.start();
    const auto rlock = m.call<RLockProxy>("rlock");
    const std::vector conditions{m.call<ConditionProxy>("condition"), m.call<ConditionProxy>("plain")};
    const std::vector semaphores{m.call<SemaphoreProxy>("semaphore"), m.call<SemaphoreProxy>("bounded")};
    kill_one_that([=] {
        rlock.acquire();
        rlock.acquire();
        for (const auto& each : conditions) each.acquire();
        for (const auto& each : semaphores) each.lock();
    });
    EXPECT_TRUE(recursive.acquire());
    EXPECT_TRUE(condition.acquire());
    EXPECT_TRUE(plain.acquire());
    EXPECT_TRUE(bounded.acquire());
    wait_until([&] { return semaphore.get_value() == 2; });
}

TEST_F(SharedLocks, of_a_semaphore_only_what_guards_held_comes_back) {
    Semaphore semaphore(3);
    BaseManager m;
    share(m, "semaphore", semaphore);
    m.start();
    const auto proxy = m.call<SemaphoreProxy>("semaphore");
    kill_one_that([=] {
        proxy.acquire();
        proxy.lock();
        EXPECT_TRUE(proxy.try_lock());
        proxy.unlock();
    });
    wait_until([&] { return semaphore.get_value() == 2; });
    proxy.lock();
    kill_one_that([=] { proxy.acquire(); });
    EXPECT_EQ(semaphore.get_value(), 0);
    proxy.release(2);
    EXPECT_EQ(semaphore.get_value(), 2);
    EXPECT_THROW(proxy.release(0), ValueError);
}

TEST_F(SharedLocks, units_of_a_client_over_tcp_come_back_with_its_connection) {
    Semaphore semaphore(1);
    BaseManager m({.address = Address::tcp("127.0.0.1", 0), .authkey = "abc"});
    share(m, "semaphore", semaphore);
    m.start();
    const auto proxy = m.call<SemaphoreProxy>("semaphore");
    std::thread([proxy] { proxy.lock(); }).join();
    EXPECT_TRUE(semaphore.acquire());
}

TEST_F(SharedLocks, units_come_back_when_the_server_is_killed) {
    Semaphore semaphore(1);
    BaseManager m;
    share(m, "semaphore", semaphore);
    m.register_type("pid", [] { return static_cast<int>(::getpid()); });
    m.start();
    const auto proxy = m.call<SemaphoreProxy>("semaphore");
    proxy.lock();
    ::kill(m.call<int>("pid"), SIGKILL);
    EXPECT_TRUE(semaphore.acquire());
}

TEST_F(SharedLocks, a_killed_waiter_leaves_no_trace) {
    Condition condition;
    Barrier barrier(2);
    BaseManager m;
    share(m, "condition", condition);
    share(m, "barrier", barrier);
    m.start();
    const auto proxy = m.call<ConditionProxy>("condition");
    const auto place = m.call<BarrierProxy>("barrier");
    Event holds;
    Process in_wait({.start_method = StartMethod::fork}, [proxy, holds]() mutable {
        const std::scoped_lock guard(proxy);
        holds.set();
        proxy.wait();
    });
    Process at_barrier({.start_method = StartMethod::fork}, [place] { place.wait(); });
    in_wait.start();
    at_barrier.start();
    holds.wait();
    condition.acquire();  // only once the child waits
    condition.release();
    wait_until([&] { return barrier.n_waiting() == 1; });
    for (Process* each : {&in_wait, &at_barrier}) {
        each->kill();
        each->join();
    }
    wait_until([&] { return barrier.broken(); });
    EXPECT_THROW(barrier.wait(), BrokenBarrierError);
    EXPECT_TRUE(condition.acquire());
    condition.release();
}

TEST_F(SharedLocks, a_notification_for_a_killed_client_is_the_next_ones) {
    for (const bool recursive : {true, false}) {
        Condition condition = recursive ? Condition() : Condition(Lock());
        BaseManager m;
        share(m, "condition", condition);
        m.start();
        const auto proxy = m.call<ConditionProxy>("condition");
        Event holds;
        Event notified;
        Process first({.start_method = StartMethod::fork}, [=]() mutable {
            proxy.acquire();
            holds.set();
            proxy.wait();
            notified.set();  // with the lock
            std::this_thread::sleep_for(1h);
        });
        first.start();
        holds.wait();
        condition.acquire();
        condition.release();
        Event second_holds;
        std::thread second([&] {
            const std::scoped_lock guard(proxy);
            second_holds.set();
            EXPECT_TRUE(proxy.wait());
        });
        second_holds.wait();
        condition.acquire();
        condition.notify();
        condition.release();
        notified.wait();
        first.kill();
        first.join();
        second.join();
    }
}

TEST_F(SharedLocks, the_end_of_a_server_ends_all_waits) {
    Condition condition;
    Barrier barrier(2);
    BaseManager m({.authkey = "abc"});
    share(m, "condition", condition);
    share(m, "barrier", barrier);
    ManagerServer server = m.get_server();
    std::thread serving([&] { server.serve_forever(); });
    std::vector<std::thread> waiting;
    use_as_client(server, [&](const BaseManager& client) {
        const auto proxy = client.call<ConditionProxy>("condition");
        const auto place = client.call<BarrierProxy>("barrier");
        waiting.emplace_back([proxy] {
            proxy.acquire();
            EXPECT_THROW(proxy.wait(), std::exception);
        });
        waiting.emplace_back([place] { EXPECT_THROW(place.wait(), std::exception); });
    });
    wait_until([&] { return barrier.n_waiting() == 1; });
    server.stop();
    serving.join();
    for (auto& each : waiting) each.join();
    EXPECT_TRUE(condition.acquire());
}

}  // namespace
