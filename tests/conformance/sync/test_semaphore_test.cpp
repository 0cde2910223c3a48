// SPDX-License-Identifier: MIT
#include <cohort/sync/event.hpp>
#include <cohort/sync/semaphore.hpp>

#include "conformance/sync/workers.hpp"
#include "support/error_text.hpp"

#include <chrono>
#include <mutex>

using namespace std::chrono_literals;
using cohort::BoundedSemaphore;
using cohort::Event;
using cohort::Semaphore;
using cohort::ValueError;
using cohort::test::error_text;

namespace {

// --- test_multiprocessing: _TestSemaphore ---

void test_semaphore(Semaphore& sem) {
    EXPECT_EQ(sem.get_value(), 2);
    EXPECT_TRUE(sem.acquire());
    EXPECT_EQ(sem.get_value(), 1);
    EXPECT_TRUE(sem.acquire());
    EXPECT_EQ(sem.get_value(), 0);
    EXPECT_TRUE(sem.locked());
    EXPECT_FALSE(sem.acquire(false));
    EXPECT_EQ(sem.get_value(), 0);
    sem.release();
    EXPECT_EQ(sem.get_value(), 1);
    sem.release();
    EXPECT_EQ(sem.get_value(), 2);
}

TEST(TestSemaphore, test_semaphore) {
    Semaphore sem(2);
    test_semaphore(sem);
    sem.release();
    EXPECT_EQ(sem.get_value(), 3);
    sem.release(4);
    EXPECT_EQ(sem.get_value(), 7);
}

TEST(TestSemaphore, test_bounded_semaphore) {
    BoundedSemaphore sem(2);
    test_semaphore(sem);
    EXPECT_EQ(error_text<ValueError>([&] { sem.release(); }), "semaphore or lock released too many times");
    EXPECT_EQ(sem.get_value(), 2);
}

TEST(TestSemaphore, test_timeout) {
    Semaphore sem(0);
    EXPECT_FALSE(sem.acquire(false));
    EXPECT_FALSE(sem.acquire(false, 1000h));
    EXPECT_FALSE(sem.acquire(true, 1ms));
    EXPECT_FALSE(sem.acquire(0s));
    EXPECT_FALSE(sem.acquire(-5s));
}

TEST(TestSemaphore, bad_values) {
    EXPECT_THROW(Semaphore(-1), ValueError);
    EXPECT_THROW(Semaphore(Semaphore::kMaxValue + 1), ValueError);
    EXPECT_THROW(BoundedSemaphore(-1), ValueError);
    Semaphore sem(Semaphore::kMaxValue);
    EXPECT_THROW(sem.release(), ValueError);
    EXPECT_THROW(sem.release(0), ValueError);
    EXPECT_THROW(sem.release(-1), ValueError);
    EXPECT_EQ(sem.get_value(), Semaphore::kMaxValue);
}

TEST(TestSemaphore, guards) {
    Semaphore sem(2);
    {
        std::scoped_lock guard(sem);
        std::unique_lock second(sem, std::try_to_lock);
        EXPECT_TRUE(second);
        EXPECT_FALSE(std::unique_lock(sem, std::try_to_lock));
    }
    EXPECT_EQ(sem.get_value(), 2);
    EXPECT_THROW(sem.unlock(), ValueError);
    EXPECT_EQ(sem.get_value(), 2);
}

class Semaphores : public cohort::test::Workers {};
class SemaphoreHolders : public cohort::test::WorkerProcesses {};

void pass_on(Semaphore from, Semaphore to, int times) {
    for (int i = 0; i != times; ++i) {
        from.acquire();
        to.release();
    }
}

TEST_P(Semaphores, units_go_from_one_to_the_other) {
    Semaphore ping(0);
    Semaphore pong(0);
    auto worker = start(pass_on, ping, pong, 500);
    for (int i = 0; i != 500; ++i) {
        ping.release();
        ASSERT_TRUE(pong.acquire());
    }
    EXPECT_EQ(pong.get_value(), 0);
}

INSTANTIATE_TEST_SUITE_P(, Semaphores, cohort::test::kEveryWorker, cohort::test::name_of_worker);

void take_and_stay(Semaphore sem, Event taken) {
    std::unique_lock first(sem);
    std::unique_lock second(sem);
    sem.acquire();
    taken.set();
    for (;;) ::pause();
}

TEST_P(SemaphoreHolders, units_of_the_dead_come_back_if_a_guard_took_them) {
    Semaphore sem(3);
    Event taken;
    cohort::Process holder({.start_method = GetParam().method}, take_and_stay, sem, taken);
    holder.start();
    ASSERT_TRUE(taken.wait());
    EXPECT_FALSE(sem.acquire(false));
    holder.kill();
    EXPECT_TRUE(sem.acquire());
    EXPECT_TRUE(sem.acquire());
    EXPECT_FALSE(sem.acquire(false));
    holder.join();
}

INSTANTIATE_TEST_SUITE_P(, SemaphoreHolders, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
