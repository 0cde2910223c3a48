// SPDX-License-Identifier: MIT
#include "sync/condition_state.hpp"

#include "sync/lock_state.hpp"
#include "sync/rlock_state.hpp"
#include "unit/sync/sync_fixture.hpp"

#include <array>
#include <csignal>
#include <functional>
#include <vector>

using cohort::sync::Acquired;
using cohort::sync::ConditionState;
using cohort::sync::LockState;
using cohort::sync::RLockState;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::Placed;
using Waited = ConditionState::Waited;

namespace {

class ConditionStateTest : public cohort::test::SyncTest {
protected:
    void lock(Actor& actor) { EXPECT_NE(lock_->acquire(actor, {}), Acquired::no); }
    void unlock(Actor& actor) { EXPECT_TRUE(lock_->release(actor)); }
    std::uint32_t notify(std::uint32_t count = 1) {
        lock(me_);
        const auto notified = condition_->notify(me_, *lock_, count);
        unlock(me_);
        return notified.value();
    }
    // Returns when it waits.
    ForkedChild start_waiter(Waited expected = Waited::notified) {
        const std::uint32_t before = condition_->waiters();
        auto child = start([this, expected](Actor& actor) {
            lock(actor);
            EXPECT_EQ(condition_->wait(actor, *lock_, {}), expected);
            EXPECT_TRUE(lock_->is_held_by(actor));
            (*order_)[static_cast<std::size_t>(step_->load())] = ::getpid();
            ++*step_;
            unlock(actor);
        });
        wait_until([&] { return condition_->waiters() == before + 1; });
        return child;
    }
    std::vector<ForkedChild> start_waiters(int count) {
        std::vector<ForkedChild> waiters;
        for (int i = 0; i != count; ++i) waiters.push_back(start_waiter());
        return waiters;
    }

    Placed<RLockState> lock_{};
    Placed<ConditionState> condition_{};
    cohort::test::Shared<std::array<pid_t, 64>> order_{};
};

TEST_F(ConditionStateTest, needs_the_lock) {
    EXPECT_EQ(condition_->wait(me_, *lock_, past()), Waited::not_held);
    EXPECT_FALSE(condition_->notify(me_, *lock_));
    lock(me_);
    Actor thread = me_.thread(2);
    EXPECT_EQ(condition_->wait(thread, *lock_, past()), Waited::not_held) << "another thread";
    EXPECT_FALSE(condition_->notify(thread, *lock_, ConditionState::kAll));
    EXPECT_EQ(condition_->notify(me_, *lock_), 0U);
    EXPECT_EQ(condition_->notify(me_, *lock_, ConditionState::kAll), 0U);
    EXPECT_EQ(condition_->notify(me_, *lock_, 0), 0U);
}

TEST_F(ConditionStateTest, has_the_lock_again_as_it_was_after_a_timeout) {
    for (int i = 0; i != 3; ++i) lock(me_);
    EXPECT_EQ(condition_->wait(me_, *lock_, past()), Waited::timed_out);
    EXPECT_EQ(condition_->wait(me_, *lock_, soon()), Waited::timed_out);
    EXPECT_EQ(lock_->depth(), 3U);
    EXPECT_EQ(condition_->waiters(), 0U);
    EXPECT_EQ(condition_->notify(me_, *lock_), 0U) << "nobody waits any more";
}

TEST_F(ConditionStateTest, has_the_lock_again_as_it_was_after_a_notification) {
    auto waiter = start([this](Actor& actor) {
        for (int i = 0; i != 3; ++i) lock(actor);
        EXPECT_EQ(condition_->wait(actor, *lock_, {}), Waited::notified);
        EXPECT_EQ(lock_->depth(), 3U);
        for (int i = 0; i != 3; ++i) unlock(actor);
    });
    wait_until([&] { return condition_->waiters() == 1; });
    EXPECT_EQ(notify(), 1U);
    EXPECT_TRUE(waiter.wait().success());
}

TEST_F(ConditionStateTest, works_on_a_plain_lock) {
    Placed<LockState> plain;
    auto waiter = start([&](Actor& actor) {
        plain->acquire(actor, {});
        EXPECT_EQ(condition_->wait(actor, *plain, {}), Waited::notified);
        EXPECT_TRUE(plain->is_held_by(actor));
        plain->release();
    });
    wait_until([&] { return condition_->waiters() == 1; });
    EXPECT_FALSE(condition_->notify(me_, *plain));
    plain->acquire(me_, {});
    EXPECT_EQ(condition_->notify(me_, *plain), 1U);
    plain->release();
    EXPECT_TRUE(waiter.wait().success());
}

TEST_F(ConditionStateTest, notifies_in_the_order_of_arrival) {
    auto waiters = start_waiters(6);
    std::vector<pid_t> pids;
    for (auto& waiter : waiters) pids.push_back(waiter.pid());
    for (int i = 0; i != 6; ++i) {
        EXPECT_EQ(notify(), 1U);
        wait_for_step(i + 1);
        EXPECT_EQ((*order_)[static_cast<std::size_t>(i)], pids[static_cast<std::size_t>(i)]);
    }
    for (auto& waiter : waiters) EXPECT_TRUE(waiter.wait().success());
}

TEST_F(ConditionStateTest, notifies_as_many_as_asked) {
    auto waiters = start_waiters(5);
    EXPECT_EQ(notify(3), 3U);
    for (int i = 0; i != 3; ++i) EXPECT_TRUE(waiters[static_cast<std::size_t>(i)].wait().success());
    EXPECT_EQ(condition_->waiters(), 2U);
    EXPECT_EQ(notify(ConditionState::kAll), 2U);
    for (int i = 3; i != 5; ++i) EXPECT_TRUE(waiters[static_cast<std::size_t>(i)].wait().success());
    EXPECT_EQ(*step_, 5);
}

TEST_F(ConditionStateTest, one_that_gives_up_has_no_lock_and_swallows_no_notification) {
    const std::function<bool()> at_once = [] { return true; };
    lock(me_);
    EXPECT_EQ(condition_->wait(me_.giving_up(at_once), *lock_, {}), Waited::given_up);
    EXPECT_FALSE(lock_->locked());
    EXPECT_EQ(condition_->waiters(), 0U);
    auto first = start([this](Actor& actor) {
        const std::function<bool()> when_told = [this] { return step_->load() != 0; };
        lock(actor);
        EXPECT_EQ(condition_->wait(actor.giving_up(when_told), *lock_, {}), Waited::given_up);
        EXPECT_FALSE(lock_->is_held_by(actor));
    });
    wait_until([&] { return condition_->waiters() == 1; });
    auto second = start_waiter();
    lock(me_);
    EXPECT_EQ(condition_->notify(me_, *lock_, 1), 1U);
    ++*step_;
    EXPECT_TRUE(first.wait().success());
    unlock(me_);
    EXPECT_TRUE(second.wait().success());
}

TEST_F(ConditionStateTest, passes_over_the_dead) {
    auto waiters = start_waiters(4);
    end(waiters[0]);
    end(waiters[2]);
    EXPECT_EQ(notify(), 1U);
    EXPECT_TRUE(waiters[1].wait().success());
    EXPECT_EQ(notify(), 1U);
    EXPECT_TRUE(waiters[3].wait().success());
    EXPECT_EQ(notify(), 0U);
    EXPECT_EQ(condition_->waiters(), 0U);
}

// The waiter is notified and cannot get the lock before it is killed.
TEST_F(ConditionStateTest, a_waiter_that_dies_after_it_was_notified_passes_the_notification_on) {
    auto waiters = start_waiters(3);
    lock(me_);
    EXPECT_EQ(condition_->notify(me_, *lock_), 1U);
    end(waiters[0]);
    unlock(me_);
    EXPECT_TRUE(waiters[1].wait().success()) << "nobody has notified it, but the dead one was";
    EXPECT_EQ(condition_->waiters(), 1U);
    EXPECT_EQ(notify(), 1U);
    EXPECT_TRUE(waiters[2].wait().success());
}

TEST_F(ConditionStateTest, the_next_notifier_passes_on_what_a_dead_waiter_had) {
    auto waiters = start_waiters(4);
    lock(me_);
    EXPECT_EQ(condition_->notify(me_, *lock_, 2), 2U);
    end(waiters[0]);
    end(waiters[1]);
    unlock(me_);
    EXPECT_TRUE(waiters[2].wait().success());
    EXPECT_TRUE(waiters[3].wait().success());
}

TEST_F(ConditionStateTest, who_came_after_a_notification_does_not_inherit_it) {
    auto early = start_waiter();
    lock(me_);
    EXPECT_EQ(condition_->notify(me_, *lock_), 1U);
    end(early);
    unlock(me_);
    lock(me_);
    // Longer than a period, in which it looks for notifications of the dead.
    const auto end_of_wait = std::chrono::steady_clock::now() + 2 * cohort::sync::kPeriod;
    EXPECT_EQ(condition_->wait(me_, *lock_, end_of_wait), Waited::timed_out);
    EXPECT_EQ(condition_->notify(me_, *lock_), 0U);
    unlock(me_);
}

TEST_F(ConditionStateTest, a_notifier_that_dies_leaves_the_lock_abandoned_and_the_notification_given) {
    auto waiter = start([this](Actor& actor) {
        lock(actor);
        EXPECT_EQ(condition_->wait(actor, *lock_, {}), Waited::notified);
        EXPECT_TRUE(lock_->abandoned());
        unlock(actor);
    });
    wait_until([&] { return condition_->waiters() == 1; });
    auto notifier = start_and_stay([this](Actor& actor) {
        lock(actor);
        condition_->notify(actor, *lock_);
    });
    end(notifier);
    EXPECT_TRUE(waiter.wait().success());
}

TEST_F(ConditionStateTest, goes_on_waiting_when_a_signal_handler_ran) {
    auto waiter = start([this](Actor& actor) {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        ::sigaction(SIGUSR1, &action, nullptr);
        lock(actor);
        EXPECT_EQ(condition_->wait(actor, *lock_, {}), Waited::notified);
        *step_ = 1;
        unlock(actor);
    });
    wait_until([&] { return condition_->waiters() == 1; });
    for (int i = 0; i != 30; ++i) {
        waiter.kill(SIGUSR1);
        std::this_thread::yield();
    }
    EXPECT_EQ(*step_, 0);
    EXPECT_EQ(notify(), 1U);
    EXPECT_TRUE(waiter.wait().success());
}

TEST_F(ConditionStateTest, wakes_many_threads_of_many_processes) {
    constexpr std::uint32_t kThreads = 30, kProcesses = 4;
    std::vector<ForkedChild> children;
    for (std::uint32_t i = 0; i != kProcesses; ++i)
        children.push_back(start([&](Actor& first) {
            std::vector<std::thread> threads;
            for (std::uint32_t number = 1; number <= kThreads; ++number)
                threads.emplace_back([&, number] {
                    Actor actor = first.thread(number);
                    lock(actor);
                    EXPECT_EQ(condition_->wait(actor, *lock_, {}), Waited::notified);
                    ++*step_;
                    unlock(actor);
                });
            for (auto& thread : threads) thread.join();
        }));
    wait_until([&] { return condition_->waiters() == kThreads * kProcesses; });
    EXPECT_EQ(notify(50), 50U);
    wait_for_step(50);
    EXPECT_EQ(notify(ConditionState::kAll), kThreads * kProcesses - 50);
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(*step_, static_cast<int>(kThreads * kProcesses));
}

TEST_F(ConditionStateTest, takes_the_cells_of_the_dead_back) {
    for (int i = 0; i != 40; ++i) {
        auto waiter = start([this](Actor& actor) {
            lock(actor);
            *step_ = 1;
            condition_->wait(actor, *lock_, {});
        });
        wait_for_step(1);
        end(waiter);
        *step_ = 0;
    }
    EXPECT_LE(condition_->waiters(), 16U);
}

// Turns between processes: no wake-up may be lost, or the test hangs.
TEST_F(ConditionStateTest, passes_a_turn_round) {
    constexpr int kProcesses = 3, kRounds = 300;
    std::vector<ForkedChild> children;
    for (int i = 0; i != kProcesses; ++i)
        children.push_back(start([&, i](Actor& actor) {
            for (int round = 0; round != kRounds; ++round) {
                lock(actor);
                while (*step_ % kProcesses != i) EXPECT_EQ(condition_->wait(actor, *lock_, {}), Waited::notified);
                ++*step_;
                condition_->notify(actor, *lock_, ConditionState::kAll);
                unlock(actor);
            }
        }));
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(*step_, kProcesses * kRounds);
}

// A buffer of one, with notify(): each notification wakes somebody who can use it, also when timeouts run out
// meanwhile.
TEST_F(ConditionStateTest, loses_no_notification_to_a_timeout) {
    constexpr int kItems = 500;
    Placed<ConditionState> room;
    auto consumer = start([&](Actor& actor) {
        for (int item = 0; item != kItems; ++item) {
            lock(actor);
            while (*step_ == 0) condition_->wait(actor, *lock_, item % 2 == 0 ? soon() : cohort::sync::Until());
            *step_ = 0;
            room->notify(actor, *lock_);
            unlock(actor);
        }
    });
    for (int item = 0; item != kItems; ++item) {
        lock(me_);
        while (*step_ != 0) room->wait(me_, *lock_, item % 3 == 0 ? soon() : cohort::sync::Until());
        *step_ = 1;
        condition_->notify(me_, *lock_);
        unlock(me_);
    }
    EXPECT_TRUE(consumer.wait().success());
}

}  // namespace
