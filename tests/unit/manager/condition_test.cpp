// SPDX-License-Identifier: MIT
#include "manager/types/condition.hpp"
#include "calls.hpp"

namespace {

using namespace cohort;
using namespace cohort::manager;
using Kind = LockReferent::Kind;

constexpr TestClient kOne{1};
constexpr TestClient kOther{2};
constexpr TestClient kThird{3};
constexpr TestClient kNotifier{9};

class ConditionReferentTest : public testing::Test {
protected:
    /// A call of wait(), with the lock.
    std::shared_ptr<Answered> wait(const TestClient& client, std::vector<Object> args = {}) {
        EXPECT_EQ(client.call(condition_, "acquire"), "True");
        return client.begin(condition_, "wait", std::move(args));
    }

    TestTimers timers_;
    std::shared_ptr<LockReferent> lock_ = std::make_shared<LockReferent>(timers_, Kind::recursive);
    ConditionReferent condition_{timers_, lock_};
};

TEST_F(ConditionReferentTest, the_notified_have_the_lock_one_after_the_other) {
    const auto first = wait(kOne);
    const auto second = wait(kOther, {60});
    const auto third = wait(kThird, {Object()});
    EXPECT_EQ(condition_.repr(), "<Condition(<unlocked _thread.RLock object owner=0 count=0>, 3)>");
    kNotifier.call(condition_, "acquire");
    EXPECT_EQ(kNotifier.call(condition_, "notify", {2}), "None");
    EXPECT_EQ(text_of(*first), "waits");
    kNotifier.call(condition_, "release");
    EXPECT_EQ(text_of(*first), "True");
    EXPECT_EQ(text_of(*second), "waits");
    kOne.call(condition_, "release");
    EXPECT_EQ(text_of(*second), "True");
    EXPECT_EQ(kOther.call(condition_, "notify_all"), "None");
    kOther.call(condition_, "release");
    EXPECT_EQ(text_of(*third), "True");
    EXPECT_EQ(timers_.size(), 0U);
}

TEST_F(ConditionReferentTest, needs_its_lock) {
    EXPECT_EQ(kOne.call(condition_, "wait"), "RuntimeError: cannot wait on un-acquired lock");
    EXPECT_EQ(kOne.call(condition_, "notify"), "RuntimeError: cannot notify on un-acquired lock");
    EXPECT_EQ(kOne.call(condition_, "release"), "RuntimeError: cannot release un-acquired lock");
    kOne.call(condition_, "acquire");
    EXPECT_EQ(kOther.call(condition_, "notify_all"), "RuntimeError: cannot notify on un-acquired lock");
    EXPECT_EQ(kOne.call(condition_, "notify", {"a"}), "TypeError: 'str' object cannot be interpreted as an integer");
    EXPECT_EQ(kOne.call(condition_, "no_such_method"), "no such method");
}

TEST_F(ConditionReferentTest, a_wait_whose_time_is_up_has_the_lock_as_often_as_before) {
    kOne.call(condition_, "acquire");
    const auto waits = wait(kOne, {0.5});
    EXPECT_EQ(kOther.call(condition_, "acquire"), "True");
    timers_.run_all();
    EXPECT_EQ(text_of(*waits), "waits");  // for the lock
    kOther.call(condition_, "release");
    EXPECT_EQ(text_of(*waits), "False");
    kOne.call(condition_, "release");
    EXPECT_EQ(kOther.call(condition_, "acquire", {false}), "False");
    EXPECT_EQ(kOne.call(condition_, "wait", {0}), "False");
    EXPECT_EQ(kOne.call(condition_, "release"), "None");
    EXPECT_EQ(kOther.call(condition_, "acquire", {false}), "True");
}

TEST_F(ConditionReferentTest, shares_a_plain_lock) {
    const auto plain = std::make_shared<LockReferent>(timers_, Kind::plain);
    ConditionReferent condition(timers_, plain);
    EXPECT_EQ(kOne.call(*plain, "acquire"), "True");
    const auto waits = kOne.begin(condition, "wait");
    EXPECT_EQ(kOther.call(*plain, "acquire"), "True");
    EXPECT_EQ(kOther.call(condition, "notify"), "None");
    EXPECT_EQ(kOther.call(*plain, "release"), "None");
    EXPECT_EQ(text_of(*waits), "True");
}

TEST_F(ConditionReferentTest, a_dead_waiter_swallows_no_notification) {
    const auto first = wait(kOne);
    const auto second = wait(kOther, {60});
    const auto third = wait(kThird);
    kNotifier.call(condition_, "acquire");
    kNotifier.call(condition_, "notify");
    kOne.dies(condition_);  // notified, without the lock
    kNotifier.call(condition_, "release");
    EXPECT_EQ(text_of(*second), "True");
    kOther.dies(condition_);  // has the lock, and was not heard of since
    EXPECT_EQ(text_of(*third), "True");
    EXPECT_EQ(kThird.call(condition_, "#cohort.abandoned"), "True");
    EXPECT_EQ(timers_.size(), 0U);
}

TEST_F(ConditionReferentTest, a_notification_that_was_used_is_not_given_again) {
    const auto first = wait(kOne);
    const auto second = wait(kOther);
    kNotifier.call(condition_, "acquire");
    kNotifier.call(condition_, "notify");
    kNotifier.call(condition_, "release");
    EXPECT_EQ(text_of(*first), "True");
    EXPECT_EQ(kOne.call(condition_, "acquire"), "True");  // it goes on
    kOne.dies(condition_);
    EXPECT_EQ(text_of(*second), "waits");
    EXPECT_EQ(kNotifier.call(condition_, "acquire", {false}), "True");
}

TEST_F(ConditionReferentTest, of_a_dead_waiter_nothing_is_left) {
    const auto dies = wait(kOne, {60});
    kOne.dies(condition_);
    EXPECT_EQ(timers_.size(), 0U);
    EXPECT_EQ(kOther.call(condition_, "acquire", {false}), "True");
    EXPECT_EQ(kOther.call(condition_, "notify_all"), "None");
}

}  // namespace
