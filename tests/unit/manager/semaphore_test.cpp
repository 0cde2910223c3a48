// SPDX-License-Identifier: MIT
#include "manager/types/semaphore.hpp"
#include "calls.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;
using Kind = SemaphoreReferent::Kind;

constexpr TestClient kOne{1};
constexpr TestClient kOther{2};
constexpr TestClient kProcess{4, 40};
constexpr TestClient kItsOtherThread{5, 40};

TEST(SemaphoreReferent, units_are_handed_to_those_that_wait) {
    TestTimers timers;
    SemaphoreReferent semaphore(timers, Kind::unbounded, 1);
    EXPECT_EQ(call(semaphore, "acquire", {true}), "True");
    EXPECT_EQ(call(semaphore, "acquire", {false}), "False");
    const auto first = kOne.begin(semaphore, "acquire", {true});
    const auto second = kOther.begin(semaphore, "acquire", {true, 60});
    EXPECT_EQ(call(semaphore, "release", {3}), "None");
    EXPECT_EQ(text_of(*first) + text_of(*second), "TrueTrue");
    EXPECT_EQ(call(semaphore, "#cohort.get_value"), "1");
    EXPECT_EQ(timers.size(), 0U);
    EXPECT_EQ(semaphore.repr(), "<threading.Semaphore: value=1>");
}

TEST(SemaphoreReferent, takes_the_arguments_of_python) {
    TestTimers timers;
    SemaphoreReferent semaphore(timers, Kind::bounded, 2);
    EXPECT_EQ(call(semaphore, "release"), "ValueError: Semaphore released too many times");
    EXPECT_EQ(call(semaphore, "acquire", {false, 1}), "ValueError: can't specify timeout for non-blocking acquire");
    EXPECT_EQ(call(semaphore, "acquire"), "True");
    EXPECT_EQ(call(semaphore, "acquire", {}, Object::dict({{"blocking", false}})), "True");
    EXPECT_EQ(call(semaphore, "locked"), "True");
    EXPECT_EQ(call(semaphore, "acquire", {true, -5}), "False");
    EXPECT_EQ(call(semaphore, "release", {0}), "ValueError: n must be one or more");
    EXPECT_EQ(call(semaphore, "release", {3}), "ValueError: Semaphore released too many times");
    EXPECT_EQ(call(semaphore, "release", {}, Object::dict({{"n", 2}})), "None");
    EXPECT_THROW(SemaphoreReferent(timers, Kind::bounded, -1), PythonError);
    EXPECT_THROW(SemaphoreReferent(timers, Kind::bounded, "a"), PythonError);
}

TEST(SemaphoreReferent, a_call_whose_time_is_up_takes_nothing) {
    TestTimers timers;
    SemaphoreReferent semaphore(timers, Kind::unbounded, 0);
    const auto waits = kOne.begin(semaphore, "acquire", {true, 0.5});
    timers.run_all();
    EXPECT_EQ(text_of(*waits), "False");
    call(semaphore, "release");
    EXPECT_EQ(call(semaphore, "#cohort.get_value"), "1");
}

TEST(SemaphoreReferent, the_units_of_a_dead_clients_guards_come_back) {
    TestTimers timers;
    SemaphoreReferent semaphore(timers, Kind::unbounded, 4);
    kOne.call(semaphore, "acquire");           // Python's with
    kOne.call(semaphore, "#cohort.try_lock");  // std::unique_lock
    kOne.call(semaphore, "acquire", {true});   // a signal that is used up
    const auto last = kOther.call(semaphore, "acquire");
    const auto waits = kOther.begin(semaphore, "acquire");
    kOne.call(semaphore, "release");
    EXPECT_EQ(text_of(*waits), "True");
    kOne.dies(semaphore);
    EXPECT_EQ(call(semaphore, "#cohort.get_value"), "1");
    kOther.dies(semaphore);
    EXPECT_EQ(call(semaphore, "#cohort.get_value"), "3");
}

TEST(SemaphoreReferent, a_bounded_one_never_has_more_than_at_first) {
    TestTimers timers;
    SemaphoreReferent semaphore(timers, Kind::bounded, 1);
    kOne.call(semaphore, "acquire");
    kOther.call(semaphore, "release");
    kOne.dies(semaphore);
    EXPECT_EQ(call(semaphore, "#cohort.get_value"), "1");
}

TEST(SemaphoreReferent, a_guards_unit_stays_with_the_process_when_a_thread_ends) {
    TestTimers timers;
    SemaphoreReferent semaphore(timers, Kind::unbounded, 2);
    kProcess.call(semaphore, "acquire");
    kProcess.call(semaphore, "acquire");
    semaphore.client_gone(kProcess.client);
    EXPECT_EQ(call(semaphore, "locked"), "True");
    kItsOtherThread.call(semaphore, "release");
    EXPECT_EQ(call(semaphore, "#cohort.get_value"), "1");
    kItsOtherThread.dies(semaphore);
    EXPECT_EQ(call(semaphore, "#cohort.get_value"), "2");
}

}  // namespace
