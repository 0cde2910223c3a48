// SPDX-License-Identifier: MIT
#include "manager/types/barrier.hpp"
#include "calls.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;

constexpr TestClient kOne{1};
constexpr TestClient kOther{2};
constexpr TestClient kThird{3};
constexpr const char* kBroken = "threading.BrokenBarrierError";

TEST(BarrierReferent, all_go_on_when_the_last_one_comes) {
    TestTimers timers;
    BarrierReferent barrier(timers, 3, {}, {});
    for (int round = 0; round < 2; ++round) {
        const auto first = kOne.begin(barrier, "wait", {Object()});
        const auto second = kOther.begin(barrier, "wait", {60});
        EXPECT_EQ(call(barrier, "__getattribute__", {"n_waiting"}), "2");
        EXPECT_EQ(barrier.repr(), "<threading.Barrier: waiters=2/3>");
        EXPECT_EQ(kThird.call(barrier, "wait"), "2");
        EXPECT_EQ(text_of(*first) + text_of(*second), "01");
    }
    EXPECT_EQ(timers.size(), 0U);
    EXPECT_EQ(call(barrier, "__getattribute__", {"parties"}), "3");
    EXPECT_EQ(call(barrier, "__getattribute__", {"x"}), "AttributeError: 'Barrier' object has no attribute 'x'");
}

TEST(BarrierReferent, breaks_for_all_when_the_time_of_one_is_up) {
    TestTimers timers;
    BarrierReferent barrier(timers, 3, {}, 60);
    const auto first = kOne.begin(barrier, "wait");
    const auto second = kOther.begin(barrier, "wait", {30});
    EXPECT_EQ(timers.size(), 2U);
    EXPECT_EQ(kThird.call(barrier, "abort"), "None");
    EXPECT_EQ(text_of(*first), kBroken);
    EXPECT_EQ(text_of(*second), kBroken);
    EXPECT_EQ(kThird.call(barrier, "wait"), kBroken);
    EXPECT_EQ(call(barrier, "__getattribute__", {"broken"}), "True");
    EXPECT_EQ(barrier.repr(), "<threading.Barrier: broken>");
    EXPECT_EQ(call(barrier, "reset"), "None");
    const auto third = kOne.begin(barrier, "wait");
    const auto late = kOther.begin(barrier, "wait", {0.5});
    timers.run_all();
    EXPECT_EQ(text_of(*third), kBroken);
    EXPECT_EQ(text_of(*late), kBroken);
    call(barrier, "reset");
    EXPECT_EQ(call(barrier, "wait", {0}), kBroken);
}

TEST(BarrierReferent, reset_sends_those_away_that_wait) {
    TestTimers timers;
    BarrierReferent barrier(timers, 2, {}, {});
    const auto waits = kOne.begin(barrier, "wait");
    EXPECT_EQ(kOther.call(barrier, "reset"), "None");
    EXPECT_EQ(text_of(*waits), kBroken);
    EXPECT_EQ(call(barrier, "__getattribute__", {"broken"}), "False");
    EXPECT_EQ(call(barrier, "__getattribute__", {"n_waiting"}), "0");
}

TEST(BarrierReferent, breaks_when_a_party_dies_that_waits) {
    TestTimers timers;
    BarrierReferent barrier(timers, 3, {}, {});
    const auto waits = kOne.begin(barrier, "wait");
    const auto dies = kOther.begin(barrier, "wait", {60});
    kThird.dies(barrier);
    EXPECT_EQ(text_of(*waits), "waits");
    kOther.dies(barrier);
    EXPECT_EQ(text_of(*waits), kBroken);
    EXPECT_EQ(timers.size(), 0U);
}

TEST(BarrierReferent, is_made_as_in_python) {
    TestTimers timers;
    EXPECT_THROW(BarrierReferent(timers, 0, {}, {}), PythonError);
    EXPECT_THROW(BarrierReferent(timers, "a", {}, {}), PythonError);
    EXPECT_THROW(BarrierReferent(timers, 1, Object::global("builtins", "print"), {}), PythonError);
    BarrierReferent alone(timers, 1, {}, {});
    EXPECT_EQ(call(alone, "wait"), "0");
}

}  // namespace
