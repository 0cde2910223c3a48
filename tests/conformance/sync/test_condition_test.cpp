// SPDX-License-Identifier: MIT
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/semaphore.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/sync/workers.hpp"
#include "support/error_text.hpp"

#include <chrono>
#include <mutex>
#include <vector>

using namespace std::chrono_literals;
using cohort::Condition;
using cohort::Event;
using cohort::Lock;
using cohort::RLock;
using cohort::Semaphore;
using cohort::Value;
using cohort::ValueError;
using cohort::test::error_text;

namespace {

// --- test_multiprocessing: _TestCondition ---

class TestCondition : public cohort::test::Workers {};
class ConditionDeaths : public cohort::test::WorkerProcesses {};

void wait_once(Condition condition, Semaphore sleeping, Semaphore woken) {
    std::scoped_lock guard(condition);
    sleeping.release();
    condition.wait();
    woken.release();
}

// Those who have released `sleeping` give up the lock only when they wait.
void take_all(Semaphore sleeping, int count) {
    for (int i = 0; i != count; ++i) sleeping.acquire();
}

void expect_woken(Semaphore woken, int count) {
    for (int i = 0; i != count; ++i) EXPECT_TRUE(woken.acquire());
    EXPECT_FALSE(woken.acquire(false));
}

TEST_P(TestCondition, test_notify) {
    Condition condition;
    Semaphore sleeping(0);
    Semaphore woken(0);
    auto a = start(wait_once, condition, sleeping, woken);
    auto b = start(wait_once, condition, sleeping, woken);
    take_all(sleeping, 2);
    {
        std::scoped_lock guard(condition);
        condition.notify();
    }
    expect_woken(woken, 1);
    {
        std::scoped_lock guard(condition);
        condition.notify();
    }
    expect_woken(woken, 1);
}

TEST_P(TestCondition, test_notify_all) {
    Condition condition;
    Semaphore sleeping(0);
    Semaphore woken(0);
    std::vector<cohort::test::RunningWorker> workers;
    for (int i = 0; i != 4; ++i) workers.push_back(start(wait_once, condition, sleeping, woken));
    take_all(sleeping, 4);
    {
        std::scoped_lock guard(condition);
        condition.notify_all();
    }
    expect_woken(woken, 4);
}

TEST_P(TestCondition, test_notify_n) {
    Condition condition;
    Semaphore sleeping(0);
    Semaphore woken(0);
    std::vector<cohort::test::RunningWorker> workers;
    for (int i = 0; i != 3; ++i) workers.push_back(start(wait_once, condition, sleeping, woken));
    take_all(sleeping, 3);
    for (const int n : {0, 2, 5}) {
        {
            std::scoped_lock guard(condition);
            condition.notify(n);
        }
        expect_woken(woken, n == 5 ? 1 : n);
    }
}

TEST(Conditions, test_timeout) {
    Condition condition;
    std::scoped_lock guard(condition);
    EXPECT_FALSE(condition.wait(1ms));
    EXPECT_FALSE(condition.wait(0s));
    EXPECT_FALSE(condition.wait(-1s));
}

TEST(Conditions, needs_its_lock) {
    for (Condition condition : {Condition(), Condition(Lock())}) {
        EXPECT_EQ(error_text<ValueError>([&] { condition.wait(0s); }), "must acquire() condition before using wait()");
        EXPECT_EQ(error_text<ValueError>([&] { condition.notify(); }),
                  "must acquire() condition before using notify()");
        EXPECT_THROW(condition.notify_all(), ValueError);
        EXPECT_THROW(condition.release(), ValueError);
        std::scoped_lock guard(condition);
        EXPECT_THROW(condition.notify(-1), ValueError);
    }
}

TEST(Conditions, the_lock_is_shared_and_has_its_depth_again) {
    RLock lock;
    Condition condition(lock);
    std::scoped_lock first(lock);
    std::scoped_lock second(condition);
    EXPECT_FALSE(condition.wait(1ms));
    lock.release();
    EXPECT_TRUE(lock.locked());
    lock.acquire();
}

void answer(Condition condition, Value<int> state) {
    std::scoped_lock guard(condition);
    state.set_value(0);
    condition.notify();
    condition.wait_for([&] { return state.value() == 4; });
    state.set_value(5);
    condition.notify();
}

TEST_P(TestCondition, test_waitfor) {
    for (Condition condition : {Condition(), Condition(Lock())}) {
        Value<int> state(-1);
        auto worker = start(answer, condition, state);
        std::unique_lock guard(condition);
        EXPECT_TRUE(condition.wait_for([&] { return state.value() == 0; }));
        for (int i = 1; i != 5; ++i) {
            state.set_value(i);
            condition.notify();
        }
        EXPECT_TRUE(condition.wait_for([&] { return state.value() == 5; }));
        EXPECT_FALSE(condition.wait_for([&] { return state.value() == 6; }, 1ms));
    }
}

INSTANTIATE_TEST_SUITE_P(, TestCondition, cohort::test::kEveryWorker, cohort::test::name_of_worker);

TEST_P(ConditionDeaths, a_dead_waiter_swallows_no_notification) {
    Condition condition;
    Semaphore sleeping(0);
    Semaphore woken(0);
    cohort::Process first({.start_method = GetParam().method}, wait_once, condition, sleeping, woken);
    first.start();
    take_all(sleeping, 1);
    {
        std::scoped_lock guard(condition);  // it waits now
    }
    auto second = start(wait_once, condition, sleeping, woken);
    take_all(sleeping, 1);
    {
        std::scoped_lock guard(condition);
        condition.notify();  // the first one, which cannot go on without the lock
        first.kill();
        first.join();
    }
    expect_woken(woken, 1);
}

INSTANTIATE_TEST_SUITE_P(, ConditionDeaths, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
