// SPDX-License-Identifier: MIT
#include "manager/types/event.hpp"
#include "calls.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;

TEST(EventReferent, waiting_calls_are_answered_when_it_is_set) {
    TestTimers timers;
    const auto event = std::make_shared<EventReferent>(timers);
    EXPECT_EQ(call(*event, "is_set"), "False");
    const auto first = begin_call(*event, "wait");
    const auto second = begin_call(*event, "wait", {60});
    EXPECT_FALSE(first->answer);
    EXPECT_EQ(call(*event, "set"), "None");
    ASSERT_TRUE(first->answer && second->answer);
    EXPECT_EQ(first->answer->content, Object(true));
    EXPECT_EQ(second->answer->content, Object(true));
    EXPECT_EQ(timers.size(), 0U);
    EXPECT_EQ(call(*event, "wait"), "True");
}

TEST(EventReferent, a_call_whose_time_is_up_is_answered) {
    TestTimers timers;
    const auto event = std::make_shared<EventReferent>(timers);
    EXPECT_EQ(call(*event, "wait", {0}), "False");
    const auto waits = begin_call(*event, "wait", {}, Object::dict({{"timeout", 0.5}}));
    EXPECT_FALSE(waits->answer);
    timers.run_all();
    ASSERT_TRUE(waits->answer);
    EXPECT_EQ(waits->answer->content, Object(false));
    EXPECT_EQ(call(*event, "wait", {"soon"}), "TypeError: 'str' object cannot be interpreted as an integer");
}

TEST(EventReferent, nothing_is_left_of_a_client_that_is_gone) {
    TestTimers timers;
    const auto event = std::make_shared<EventReferent>(timers);
    begin_call(*event, "wait", {60}, Object::dict(), 7);
    const auto other = begin_call(*event, "wait", {60}, Object::dict(), 8);
    event->client_gone(7);
    EXPECT_EQ(timers.size(), 1U);
    call(*event, "set");
    EXPECT_TRUE(other->answer);
}

}  // namespace
