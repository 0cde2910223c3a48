// SPDX-License-Identifier: MIT
#include "manager/types/lock.hpp"
#include "calls.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;
using Kind = LockReferent::Kind;

constexpr TestClient kOne{1};
constexpr TestClient kOther{2};
constexpr TestClient kThird{3};
constexpr TestClient kProcess{4, 40};
constexpr TestClient kItsOtherThread{5, 40};

TEST(LockReferent, is_handed_over_in_the_order_in_which_they_came) {
    TestTimers timers;
    LockReferent lock(timers, Kind::plain);
    EXPECT_EQ(kOne.call(lock, "acquire"), "True");
    const auto second = kOther.begin(lock, "acquire", {true});
    const auto third = kThird.begin(lock, "acquire", {true, 60});
    EXPECT_EQ(kOne.call(lock, "release"), "None");
    EXPECT_EQ(text_of(*second), "True");
    EXPECT_EQ(text_of(*third), "waits");
    EXPECT_EQ(kOne.call(lock, "release"), "None");  // anybody may
    EXPECT_EQ(text_of(*third), "True");
    EXPECT_EQ(timers.size(), 0U);
    EXPECT_EQ(kOne.call(lock, "locked"), "True");
}

TEST(LockReferent, takes_the_arguments_of_python) {
    TestTimers timers;
    LockReferent lock(timers, Kind::plain);
    EXPECT_EQ(call(lock, "release"), "RuntimeError: release unlocked lock");
    EXPECT_EQ(call(lock, "acquire", {}, Object::dict({{"blocking", true}, {"timeout", -1}})), "True");
    EXPECT_EQ(call(lock, "acquire", {false}), "False");
    EXPECT_EQ(call(lock, "acquire", {true, 0}), "False");
    EXPECT_EQ(call(lock, "acquire", {false, 1}), "ValueError: can't specify a timeout for a non-blocking call");
    EXPECT_EQ(call(lock, "acquire", {true, -2}), "ValueError: timeout value must be a non-negative number");
    EXPECT_EQ(call(lock, "acquire", {true, "a"}), "TypeError: 'str' object cannot be interpreted as an integer");
    EXPECT_EQ(call(lock, "acquire", {}, Object::dict({{"block", true}})),
              "TypeError: acquire() got an unexpected keyword argument");
    EXPECT_EQ(call(lock, "acquire", {1, 2, 3}), "TypeError: acquire() takes 2 positional arguments but 3 were given");
    EXPECT_EQ(call(lock, "__str__"), "no such method");
    EXPECT_EQ(lock.repr(), "<locked _thread.lock object>");
    EXPECT_THROW(static_cast<void>(lock.value()), PythonError);
}

TEST(LockReferent, a_call_whose_time_is_up_is_answered) {
    TestTimers timers;
    LockReferent lock(timers, Kind::plain);
    kOne.call(lock, "acquire");
    const auto waits = kOther.begin(lock, "acquire", {true, 0.5});
    timers.run_all();
    EXPECT_EQ(text_of(*waits), "False");
    kOne.call(lock, "release");
    EXPECT_EQ(kOne.call(lock, "locked"), "False");
}

TEST(LockReferent, a_recursive_one_is_its_clients) {
    TestTimers timers;
    LockReferent lock(timers, Kind::recursive);
    EXPECT_EQ(kOne.call(lock, "acquire"), "True");
    EXPECT_EQ(kOne.call(lock, "acquire"), "True");
    EXPECT_EQ(kOther.call(lock, "acquire", {false}), "False");
    EXPECT_EQ(kOther.call(lock, "release"), "RuntimeError: cannot release un-acquired lock");
    EXPECT_EQ(kOne.call(lock, "release"), "None");
    EXPECT_EQ(kOther.call(lock, "acquire", {false}), "False");
    EXPECT_EQ(kOne.call(lock, "release"), "None");
    EXPECT_EQ(kOther.call(lock, "acquire", {false}), "True");
}

TEST(LockReferent, what_the_dead_held_is_abandoned) {
    for (const Kind kind : {Kind::plain, Kind::recursive}) {
        TestTimers timers;
        LockReferent lock(timers, kind);
        kOne.call(lock, "acquire");
        const auto dies_too = kThird.begin(lock, "acquire", {true, 60});
        const auto waits = kOther.begin(lock, "acquire");
        kThird.dies(lock);
        EXPECT_EQ(timers.size(), 0U);
        kOne.dies(lock);
        EXPECT_EQ(text_of(*waits), "True");
        EXPECT_EQ(kOther.call(lock, "#cohort.abandoned"), "True");
        kOther.call(lock, "release");
        EXPECT_EQ(kOther.call(lock, "#cohort.abandoned"), "False");
        EXPECT_EQ(kOther.call(lock, "locked"), "False");
    }
}

TEST(LockReferent, a_plain_one_stays_with_the_process_when_a_thread_ends) {
    TestTimers timers;
    LockReferent lock(timers, Kind::plain);
    kProcess.call(lock, "acquire");
    lock.client_gone(kProcess.client);
    EXPECT_EQ(kOther.call(lock, "locked"), "True");
    EXPECT_EQ(kItsOtherThread.call(lock, "release"), "None");
    kProcess.call(lock, "acquire");
    lock.client_gone(kProcess.client);
    lock.holder_gone(kProcess.holder);
    EXPECT_EQ(kOther.call(lock, "locked"), "False");
}

TEST(LockReferent, a_recursive_one_goes_with_the_thread) {
    TestTimers timers;
    LockReferent lock(timers, Kind::recursive);
    kProcess.call(lock, "acquire");
    lock.client_gone(kProcess.client);
    EXPECT_EQ(kOther.call(lock, "acquire"), "True");
}

}  // namespace
