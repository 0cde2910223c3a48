// SPDX-License-Identifier: MIT
// What the output of the examples cannot show: that things happen at once, or never.
#include <cohort/cohort.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <vector>

namespace {

using cohort::Barrier;
using cohort::Lock;
using cohort::Process;
using cohort::RawValue;
using cohort::Semaphore;
using cohort::Value;

constexpr int kProcesses = 4;

/// Runs a function in several processes at once.
template <class F, class... Args>
void run_in_several(F function, const Args&... args) {
    std::vector<Process> children;
    for (int i = 0; i != kProcesses; ++i) children.emplace_back(function, args...).start();
    for (Process& child : children) {
        child.join();
        EXPECT_EQ(child.exitcode(), 0);
    }
}

/// Reads, adds, writes: three steps, between which others may come.
void add_in_steps(const RawValue<long>& sum) {
    volatile long& shared = *sum;
    const long seen = shared;
    shared = seen + 1;
}

long sum_without_a_lock(int times) {
    const RawValue<long> sum;
    run_in_several(
        [](const RawValue<long>& shared, Barrier start, int n) {
            start.wait();
            for (int i = 0; i != n; ++i) add_in_steps(shared);
        },
        sum, Barrier(kProcesses), times);
    return sum.value();
}

long sum_with_a_lock(int times) {
    const RawValue<long> sum;
    run_in_several(
        [](const RawValue<long>& shared, Lock lock, int n) {
            for (int i = 0; i != n; ++i) {
                std::scoped_lock guard(lock);
                add_in_steps(shared);
            }
        },
        sum, Lock(), times);
    return sum.value();
}

/// Four processes add: runs until one of them has lost an update, or in vain.
bool some_update_is_lost() {
    for (int run = 0, times = 10'000; run != 12; ++run, times *= 2)
        if (sum_without_a_lock(times) != 1L * kProcesses * times) return true;
    return false;
}

TEST(Examples, without_a_lock_updates_are_lost) {
    EXPECT_TRUE(some_update_is_lost());
}

TEST(Examples, with_a_lock_none_is_lost) {
    constexpr int kTimes = 2'000;
    for (int run = 0; run != 5; ++run) EXPECT_EQ(sum_with_a_lock(kTimes), 1L * kProcesses * kTimes);
}

TEST(Examples, processes_that_are_started_before_they_are_joined_run_at_once) {
    run_in_several([](Barrier all_are_here) { all_are_here.wait(); }, Barrier(kProcesses));
}

TEST(Examples, a_semaphore_lets_in_as_many_as_it_has_and_no_more) {
    const Value<int> inside(0);
    const Value<int> most(0);
    run_in_several(
        [](Semaphore places, const Value<int>& now_inside, const Value<int>& most_inside) {
            for (int i = 0; i != 500; ++i) {
                std::scoped_lock guard(places);
                const int now = now_inside.fetch_add(1) + 1;
                if (std::scoped_lock of_most(most_inside); now > *most_inside) *most_inside = now;
                now_inside.fetch_sub(1);
            }
        },
        Semaphore(2), inside, most);
    EXPECT_LE(most.value(), 2);
    EXPECT_EQ(inside.value(), 0);
}

TEST(Examples, a_semaphore_of_two_has_two_inside_at_once) {
    const Barrier both_are_inside(2);
    run_in_several(
        [](Semaphore places, Barrier both) {
            std::scoped_lock guard(places);
            both.wait();
        },
        Semaphore(2), both_are_inside);
}

}  // namespace
