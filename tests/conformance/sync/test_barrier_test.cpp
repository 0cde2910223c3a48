// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/sync/workers.hpp"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using cohort::Barrier;
using cohort::BrokenBarrierError;
using cohort::Event;
using cohort::Value;
using cohort::ValueError;

namespace {

// --- test_multiprocessing: _TestBarrier ---

class TestBarrier : public cohort::test::Workers {};
class BarrierDeaths : public cohort::test::WorkerProcesses {};

void pass(Barrier barrier, Value<long> before, Value<long> sum, int rounds) {
    for (int i = 0; i != rounds; ++i) {
        before.fetch_add(1);
        sum.fetch_add(barrier.wait());
        if (before.value() < 3 * (i + 1)) std::abort();  // somebody was not waited for
        barrier.wait();
    }
}

TEST_P(TestBarrier, test_barrier_10) {
    Barrier barrier(3);
    Value<long> before;
    Value<long> sum;
    {
        auto a = start(pass, barrier, before, sum, 10);
        auto b = start(pass, barrier, before, sum, 10);
        pass(barrier, before, sum, 10);
    }
    EXPECT_EQ(sum.value(), 10 * (0 + 1 + 2));
    EXPECT_EQ(barrier.n_waiting(), 0);
    EXPECT_FALSE(barrier.broken());
}

TEST_P(TestBarrier, test_thousand) {
    Barrier barrier(3);
    Value<long> before;
    Value<long> sum;
    {
        auto a = start(pass, barrier, before, sum, 500);
        auto b = start(pass, barrier, before, sum, 500);
        pass(barrier, before, sum, 500);
    }
    EXPECT_EQ(sum.value(), 500 * (0 + 1 + 2));
}

void wait_and_tell(Barrier barrier, Value<int> broken) {
    try {
        barrier.wait();
    } catch (const BrokenBarrierError&) {
        broken.fetch_add(1);
    }
}

void wait_until_waiting(const Barrier& barrier, int count) {
    while (barrier.n_waiting() != count) std::this_thread::yield();
}

TEST_P(TestBarrier, test_abort_and_reset) {
    Barrier barrier(3);
    Value<int> broken;
    {
        auto a = start(wait_and_tell, barrier, broken);
        auto b = start(wait_and_tell, barrier, broken);
        wait_until_waiting(barrier, 2);
        barrier.abort();
    }
    EXPECT_EQ(broken.value(), 2);
    EXPECT_TRUE(barrier.broken());
    EXPECT_THROW(barrier.wait(), BrokenBarrierError);
    barrier.reset();
    EXPECT_FALSE(barrier.broken());
    {
        auto a = start(wait_and_tell, barrier, broken);
        wait_until_waiting(barrier, 1);
        barrier.reset();
    }
    EXPECT_EQ(broken.value(), 3);
    EXPECT_FALSE(barrier.broken());
}

TEST_P(TestBarrier, a_timeout_breaks_it_for_all) {
    Barrier barrier(3);
    Value<int> broken;
    {
        auto a = start(wait_and_tell, barrier, broken);
        wait_until_waiting(barrier, 1);
        EXPECT_THROW(barrier.wait(1ms), BrokenBarrierError);
    }
    EXPECT_EQ(broken.value(), 1);
    EXPECT_TRUE(barrier.broken());
}

TEST(Barriers, test_default_timeout) {
    Barrier barrier(2, {}, 1ms);
    EXPECT_THROW(barrier.wait(), BrokenBarrierError);
}

TEST(Barriers, test_single_thread) {
    int calls = 0;
    Barrier barrier(1, [&] { ++calls; });
    EXPECT_EQ(barrier.wait(), 0);
    EXPECT_EQ(barrier.wait(), 0);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(barrier.parties(), 1);
}

TEST(Barriers, an_action_that_throws_breaks_it) {
    Barrier barrier(1, [] { throw std::domain_error("no"); });
    EXPECT_THROW(barrier.wait(), std::domain_error);
    EXPECT_TRUE(barrier.broken());
}

TEST(Barriers, bad_parties) {
    EXPECT_THROW(Barrier(0), ValueError);
    EXPECT_THROW(Barrier(-1), ValueError);
    EXPECT_THROW(Barrier(Barrier::kMaxParties + 1), ValueError);
}

std::optional<Value<int>> actions;

void note_action() {
    actions->fetch_add(1);
}

void pass_once(Barrier barrier, Value<int> count) {
    actions = count;
    barrier.wait();
}

TEST_P(TestBarrier, test_action) {
    Barrier barrier(2, note_action);
    Value<int> count;
    actions = count;
    {
        auto a = start(pass_once, barrier, count);
        barrier.wait();
    }
    EXPECT_EQ(count.value(), 1);
    actions.reset();
}

INSTANTIATE_TEST_SUITE_P(, TestBarrier, cohort::test::kEveryWorker, cohort::test::name_of_worker);

void wait_for_ever(Barrier barrier) {
    barrier.wait();
}

TEST_P(BarrierDeaths, a_party_that_dies_while_it_waits_breaks_it) {
    Barrier barrier(3);
    Value<int> broken;
    auto survivor = start(wait_and_tell, barrier, broken);
    wait_until_waiting(barrier, 1);
    cohort::Process victim({.start_method = GetParam().method}, wait_for_ever, barrier);
    victim.start();
    wait_until_waiting(barrier, 2);
    victim.kill();
    victim.join();
    survivor.join();
    EXPECT_EQ(broken.value(), 1);
    EXPECT_TRUE(barrier.broken());
}

TEST_P(BarrierDeaths, an_action_with_captures_needs_fork) {
    int number = 0;
    Barrier barrier(1, [&number] { ++number; });
    cohort::Process process({.start_method = GetParam().method}, wait_for_ever, barrier);
    if (GetParam().method != cohort::StartMethod::fork) {
        EXPECT_THROW(process.start(), cohort::SerializationError);
        return;
    }
    process.start();
    process.join();
    EXPECT_EQ(process.exitcode(), 0);
}

INSTANTIATE_TEST_SUITE_P(, BarrierDeaths, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
