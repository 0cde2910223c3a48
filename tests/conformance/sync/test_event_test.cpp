// SPDX-License-Identifier: MIT
#include <cohort/sync/event.hpp>

#include "conformance/sync/workers.hpp"

#include <chrono>

using namespace std::chrono_literals;
using cohort::Event;

namespace {

// --- test_multiprocessing: _TestEvent ---

class TestEvent : public cohort::test::Workers {};

void set_it(Event event) {
    event.set();
}

TEST_P(TestEvent, test_event) {
    Event event;
    EXPECT_FALSE(event.is_set());
    EXPECT_FALSE(event.wait(0s));
    EXPECT_FALSE(event.wait(1ms));
    EXPECT_FALSE(event.wait(-1s));
    event.set();
    EXPECT_TRUE(event.is_set());
    EXPECT_TRUE(event.wait());
    EXPECT_TRUE(event.wait(0s));
    event.clear();
    EXPECT_FALSE(event.is_set());
    auto worker = start(set_it, event);
    EXPECT_TRUE(event.wait());
}

void wait_for(Event event, Event seen) {
    event.wait();
    seen.set();
}

TEST_P(TestEvent, all_who_wait_are_woken) {
    Event event;
    Event seen[3];
    auto a = start(wait_for, event, seen[0]);
    auto b = start(wait_for, event, seen[1]);
    auto c = start(wait_for, event, seen[2]);
    event.set();
    for (const auto& each : seen) EXPECT_TRUE(each.wait());
}

INSTANTIATE_TEST_SUITE_P(, TestEvent, cohort::test::kEveryWorker, cohort::test::name_of_worker);

// --- deaths ---

class EventDeaths : public cohort::test::WorkerProcesses {};

void tell_and_wait(Event event, Event waits) {
    waits.set();
    event.wait();
}

TEST_P(EventDeaths, a_dead_waiter_holds_nobody_up) {
    Event event;
    Event waits;
    cohort::Process victim({.start_method = GetParam().method}, tell_and_wait, event, waits);
    victim.start();
    Event other_waits;
    auto other = start(tell_and_wait, event, other_waits);
    waits.wait();
    other_waits.wait();
    victim.kill();
    victim.join();
    event.set();
    EXPECT_TRUE(event.wait());
    other.join();
}

INSTANTIATE_TEST_SUITE_P(, EventDeaths, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
