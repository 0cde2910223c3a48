// SPDX-License-Identifier: MIT
// Kills a process at every point of the operations on what Condition and Barrier share.
#include "chaos/sync_world.hpp"
#include "sync/barrier_state.hpp"
#include "sync/condition_state.hpp"
#include "sync/event_state.hpp"
#include "sync/rlock_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

using cohort::sync::Acquired;
using cohort::sync::BarrierState;
using cohort::sync::ConditionState;
using cohort::sync::EventState;
using cohort::sync::RLockState;
using cohort::sync::Until;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;
using cohort::test::SyncTrial;

namespace {

constexpr Until kPast = std::chrono::steady_clock::time_point{};
constexpr auto nothing = [] {};

// The condition.

class ConditionTrial : public SyncTrial {
protected:
    void lock(Actor& actor) { EXPECT_NE(lock_.acquire(actor, {}), Acquired::no); }
    void unlock(Actor& actor) { EXPECT_TRUE(lock_.release(actor)); }
    ForkedChild start_waiter() {
        return start([this](Actor& actor) {
            lock(actor);
            ++*waiting_;  // the lock is free when it waits
            EXPECT_EQ(condition_.wait(actor, lock_, {}), ConditionState::Waited::notified);
            unlock(actor);
        });
    }
    // Notifies with the lock held, so that all who have counted themselves wait.
    bool notify(std::uint32_t count) {
        return succeeds([&](Actor& actor) {
            lock(actor);
            EXPECT_TRUE(condition_.notify(actor, lock_, count));
            unlock(actor);
        });
    }
    // Everything works for others.
    void check_next() {
        *waiting_ = 0;
        auto waiter = start_waiter();
        wait_until([this] { return *waiting_ == 1; });
        EXPECT_TRUE(notify(1));
        EXPECT_TRUE(waiter.wait().success());
        EXPECT_TRUE(notify(ConditionState::kAll));
        EXPECT_EQ(condition_.waiters(), 0U);
    }
    // The stage of the waiter in a cell: 1 waiting, 2 notified.
    std::uint32_t stage_of_cell(std::size_t index) const noexcept {
        const auto* cells = reinterpret_cast<const volatile std::uint64_t*>(
            reinterpret_cast<const std::byte*>(&condition_) + sizeof(ConditionState));
        return static_cast<std::uint32_t>(cells[index]) >> 30;
    }

    RLockState& lock_ = place<RLockState>();
    ConditionState& condition_ = place<ConditionState>();
    cohort::test::Shared<std::atomic<int>> waiting_{0};
};

class ConditionWaitTrial : public ConditionTrial {
    void prepare() override {
        ConditionTrial::prepare();
        lock(victim_);
        lock(victim_);
    }
    void operate() override { condition_.wait(victim_, lock_, {}); }
    void check(const KillPoint&) override { check_next(); }
};

class ConditionTimeoutTrial : public ConditionTrial {
    void prepare() override {
        ConditionTrial::prepare();
        lock(victim_);
        lock(victim_);
    }
    void operate() override { condition_.wait(victim_, lock_, kPast); }
    void check(const KillPoint&) override { check_next(); }
};

// The victim waits; then another one, who is younger; then one comes who notifies one of them. Killed from the
// beginning of the wait to its return. Unless the victim has returned, or was about to, the other one is notified.
class ConditionNotifiedTrial : public ConditionTrial {
public:
    ConditionNotifiedTrial()
        : other_(start([this](Actor& actor) {
              held_->wait(actor, {});
              lock(actor);
              other_has_lock_->set();
              EXPECT_EQ(condition_.wait(actor, lock_, {}), ConditionState::Waited::notified);
              unlock(actor);
          })),
          notifier_(start([this](Actor& actor) {
              other_has_lock_->wait(actor, {});
              lock(actor);
              EXPECT_EQ(condition_.notify(actor, lock_), 1U);
              unlock(actor);
          })) {}
    void prepare() override {
        ConditionTrial::prepare();
        lock(victim_);
        held_->set();
    }
    void operate() override { condition_.wait(victim_, lock_, {}); }
    void check(const KillPoint&) override {
        EXPECT_TRUE(notifier_.wait().success());
        EXPECT_TRUE(succeeds([this](Actor& actor) {
            lock(actor);
            const bool inherits = stage_of_cell(0) == 2;
            // Only then is there somebody whom nobody will wake any more.
            if (!inherits && condition_.waiters() == 1) {
                EXPECT_EQ(condition_.notify(actor, lock_), 1U);
            }
            unlock(actor);
        }));
        EXPECT_TRUE(other_.wait().success());
        check_next();
    }

private:
    cohort::test::Shared<EventState> held_{};
    cohort::test::Shared<EventState> other_has_lock_{};
    ForkedChild other_;
    ForkedChild notifier_;
};

template <std::uint32_t kCount>
class ConditionNotifyTrial : public ConditionTrial {
public:
    ConditionNotifyTrial() {
        for (int i = 0; i != 3; ++i) {
            waiters_.push_back(start_waiter());
            wait_until([&] { return condition_.waiters() == static_cast<std::uint32_t>(i) + 1; });
        }
    }
    void prepare() override {
        ConditionTrial::prepare();
        lock(victim_);
    }
    void operate() override {
        condition_.notify(victim_, lock_, kCount);
        lock_.release(victim_);
    }
    void check(const KillPoint& point) override {
        // In the order of arrival: none, or the first ones.
        const std::uint32_t left = condition_.waiters();
        for (std::size_t i = 0; i != waiters_.size(); ++i)
            if (waiters_.size() - i > left) {
                EXPECT_TRUE(waiters_[i].wait().success());
            }
        EXPECT_GE(left, 3 - std::min(3U, kCount));
        if (point.number == 0) {
            EXPECT_EQ(left, 3U);
        }
        if (point.last) {
            EXPECT_EQ(left, 3 - std::min(3U, kCount));
        }
        EXPECT_TRUE(notify(ConditionState::kAll));
        for (std::size_t i = waiters_.size() - left; i != waiters_.size(); ++i)
            EXPECT_TRUE(waiters_[i].wait().success());
        check_next();
    }

private:
    std::vector<ForkedChild> waiters_;
};

TEST(KillEverywhere, who_waits_for_a_condition) {
    kill_everywhere_in<ConditionWaitTrial>("wait for a condition");
}
TEST(KillEverywhere, who_waits_for_a_condition_in_vain) {
    kill_everywhere_in<ConditionTimeoutTrial>("wait for a condition, timeout");
}
TEST(KillEverywhere, who_is_notified) {
    kill_everywhere_in<ConditionNotifiedTrial>("wait for a condition, notified");
}
TEST(KillEverywhere, who_notifies_one) {
    kill_everywhere_in<ConditionNotifyTrial<1>>("notify");
}
TEST(KillEverywhere, who_notifies_all) {
    kill_everywhere_in<ConditionNotifyTrial<ConditionState::kAll>>("notify_all");
}

// The barrier of two parties.

class BarrierTrial : public SyncTrial {
protected:
    ForkedChild start_party(bool passes) {
        return start(
            [this, passes](Actor& actor) { EXPECT_EQ(barrier_.wait(actor, {}, nothing).has_value(), passes); });
    }
    // A whole generation of living processes, after that of the victim.
    void check_next() {
        barrier_.abort();
        barrier_.reset();
        auto first = start_party(true);
        EXPECT_TRUE(succeeds([this](Actor& actor) { EXPECT_TRUE(barrier_.wait(actor, {}, nothing)); }));
        EXPECT_TRUE(first.wait().success());
        EXPECT_FALSE(barrier_.broken());
        EXPECT_EQ(barrier_.n_waiting(), 0U);
    }
    BarrierState& barrier_ = place<BarrierState>(2U);
};

// Killed as the first party: whoever comes next is told, as soon as the victim counted.
class BarrierFollowTrial : public BarrierTrial {
    void operate() override { barrier_.wait(victim_, {}, nothing); }
    void check(const KillPoint&) override {
        if (barrier_.n_waiting() == 1) {
            EXPECT_TRUE(start_party(false).wait().success());
            EXPECT_TRUE(barrier_.broken());
        }
        check_next();
    }
};

// Killed as the last party, before, in and after the action: the other one passes or is told.
class BarrierLeadTrial : public BarrierTrial {
public:
    BarrierLeadTrial() : other_(start([this](Actor& actor) { *passed_ = barrier_.wait(actor, {}, nothing) ? 1 : 0; })) {
        wait_until([this] { return barrier_.n_waiting() == 1; });
    }
    void operate() override {
        barrier_.wait(victim_, {}, [this] { ++*actions_; });
    }
    void check(const KillPoint& point) override {
        // If the victim was not yet one of the parties the other one waits on: for this process.
        if (*actions_ == 0 && barrier_.n_waiting() == 1) barrier_.abort();
        EXPECT_TRUE(other_.wait().success());
        if (point.last) {
            EXPECT_EQ(*passed_, 1);
        }
        if (*passed_ == 1) {
            EXPECT_EQ(*actions_, 1);
        }
        EXPECT_EQ(*passed_ == 0, barrier_.broken());
        check_next();
    }

private:
    cohort::test::Shared<std::atomic<int>> actions_{0};
    cohort::test::Shared<std::atomic<int>> passed_{2};
    ForkedChild other_;
};

template <void (BarrierState::*kEnd)() noexcept>
class BarrierEndTrial : public BarrierTrial {
public:
    BarrierEndTrial() : other_(start_party(false)) {
        wait_until([this] { return barrier_.n_waiting() == 1; });
    }
    void operate() override { (barrier_.*kEnd)(); }
    void check(const KillPoint&) override {
        if (!barrier_.broken() && barrier_.n_waiting() == 1) barrier_.abort();
        EXPECT_TRUE(other_.wait().success());
        check_next();
    }

private:
    ForkedChild other_;
};

class BarrierTimeoutTrial : public BarrierTrial {
    void operate() override { barrier_.wait(victim_, kPast, nothing); }
    void check(const KillPoint& point) override {
        if (point.last) {
            EXPECT_TRUE(barrier_.broken());
        }
        check_next();
    }
};

TEST(KillEverywhere, party_that_waits_at_a_barrier) {
    kill_everywhere_in<BarrierFollowTrial>("barrier.wait, first");
}
TEST(KillEverywhere, last_party_of_a_barrier) {
    kill_everywhere_in<BarrierLeadTrial>("barrier.wait, last");
}
TEST(KillEverywhere, party_without_time) {
    kill_everywhere_in<BarrierTimeoutTrial>("barrier.wait, timeout");
}
TEST(KillEverywhere, who_aborts_a_barrier) {
    kill_everywhere_in<BarrierEndTrial<&BarrierState::abort>>("barrier.abort");
}
TEST(KillEverywhere, who_resets_a_barrier) {
    kill_everywhere_in<BarrierEndTrial<&BarrierState::reset>>("barrier.reset");
}

}  // namespace
