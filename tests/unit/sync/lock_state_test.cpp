// SPDX-License-Identifier: MIT
#include "sync/lock_state.hpp"

#include "unit/sync/sync_fixture.hpp"

#include <csignal>
#include <vector>

using cohort::sync::Acquired;
using cohort::sync::LockState;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::Placed;

namespace {

class LockStateTest : public cohort::test::SyncTest {
protected:
    Placed<LockState> lock_{};
};

TEST_F(LockStateTest, is_not_recursive_and_released_by_anybody) {
    EXPECT_FALSE(lock_->locked());
    EXPECT_EQ(lock_->acquire(me_, {}), Acquired::yes);
    EXPECT_TRUE(lock_->locked());
    EXPECT_TRUE(lock_->is_held_by(me_));
    EXPECT_EQ(lock_->acquire(me_, past()), Acquired::no);
    EXPECT_EQ(lock_->acquire(me_, soon()), Acquired::no);
    auto other = start([this](Actor& actor) {
        EXPECT_FALSE(lock_->is_held_by(actor));
        EXPECT_EQ(lock_->acquire(actor, past()), Acquired::no);
        EXPECT_TRUE(lock_->release());
    });
    EXPECT_TRUE(other.wait().success());
    EXPECT_FALSE(lock_->locked());
    EXPECT_FALSE(lock_->release());
}

TEST_F(LockStateTest, passes_on_from_the_dead) {
    auto holder = start_and_stay([this](Actor& actor) { lock_->acquire(actor, {}); });
    auto sleeper = start([this](Actor& actor) {
        EXPECT_EQ(lock_->acquire(actor, {}), Acquired::abandoned);
        EXPECT_TRUE(lock_->abandoned());
        EXPECT_TRUE(lock_->release());
        EXPECT_FALSE(lock_->abandoned());
    });
    end(holder);
    EXPECT_TRUE(sleeper.wait().success());
    EXPECT_EQ(lock_->acquire(me_, {}), Acquired::yes);
}

TEST_F(LockStateTest, goes_on_waiting_when_a_signal_handler_ran) {
    EXPECT_EQ(lock_->acquire(me_, {}), Acquired::yes);
    auto sleeper = start([this](Actor& actor) {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        ::sigaction(SIGUSR1, &action, nullptr);
        *step_ = 1;
        EXPECT_EQ(lock_->acquire(actor, {}), Acquired::yes);
        *step_ = 3;
    });
    wait_for_step(1);
    for (int i = 0; i != 100; ++i) {
        sleeper.kill(SIGUSR1);
        std::this_thread::yield();
    }
    EXPECT_EQ(*step_, 1);
    lock_->release();
    EXPECT_TRUE(sleeper.wait().success());
}

}  // namespace
