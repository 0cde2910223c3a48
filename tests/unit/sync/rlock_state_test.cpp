// SPDX-License-Identifier: MIT
#include "sync/rlock_state.hpp"

#include "unit/sync/sync_fixture.hpp"

#include <thread>
#include <vector>

using cohort::sync::Acquired;
using cohort::sync::RLockState;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::Placed;

namespace {

class RLockStateTest : public cohort::test::SyncTest {
protected:
    Placed<RLockState> lock_{};
};

TEST_F(RLockStateTest, counts_the_acquires_of_its_holder) {
    for (std::uint32_t depth = 1; depth != 4; ++depth) {
        EXPECT_EQ(lock_->acquire(me_, past()), Acquired::yes);
        EXPECT_EQ(lock_->depth(), depth);
    }
    for (int i = 0; i != 3; ++i) {
        EXPECT_TRUE(lock_->locked());
        EXPECT_TRUE(lock_->release(me_));
    }
    EXPECT_FALSE(lock_->locked());
    EXPECT_EQ(lock_->depth(), 0U);
    EXPECT_FALSE(lock_->release(me_)) << "released too often";
}

TEST_F(RLockStateTest, belongs_to_one_thread_of_one_process) {
    EXPECT_EQ(lock_->acquire(me_, {}), Acquired::yes);
    Actor thread = me_.thread(2);
    EXPECT_FALSE(lock_->is_held_by(thread));
    EXPECT_FALSE(lock_->release(thread));
    EXPECT_EQ(lock_->acquire(thread, past()), Acquired::no);
    EXPECT_EQ(lock_->acquire(thread, soon()), Acquired::no);
    auto other = start([this](Actor& actor) {
        EXPECT_FALSE(lock_->release(actor));
        EXPECT_EQ(lock_->acquire(actor, soon()), Acquired::no);
    });
    EXPECT_TRUE(other.wait().success());
    EXPECT_TRUE(lock_->is_held_by(me_));
    EXPECT_TRUE(lock_->release(me_));
}

TEST_F(RLockStateTest, is_given_up_whole_and_taken_again_as_it_was) {
    for (int i = 0; i != 3; ++i) lock_->acquire(me_, {});
    EXPECT_EQ(lock_->release_all(me_), 3U);
    auto other = start([this](Actor& actor) {
        EXPECT_EQ(lock_->release_all(actor), 0U) << "holds nothing";
        EXPECT_EQ(lock_->acquire(actor, past()), Acquired::yes);
        EXPECT_TRUE(lock_->release(actor));
    });
    EXPECT_TRUE(other.wait().success());
    lock_->acquire_again(me_, 3);
    EXPECT_EQ(lock_->depth(), 3U);
}

TEST_F(RLockStateTest, passes_on_from_the_dead_however_deep) {
    auto holder = start_and_stay([this](Actor& actor) {
        lock_->acquire(actor, {});
        lock_->acquire(actor, {});
    });
    EXPECT_EQ(lock_->acquire(me_, past()), Acquired::no);
    end(holder);
    EXPECT_EQ(lock_->acquire(me_, {}), Acquired::abandoned);
    EXPECT_EQ(lock_->depth(), 1U);
    EXPECT_EQ(lock_->acquire(me_, {}), Acquired::yes);
    EXPECT_TRUE(lock_->release(me_));
    EXPECT_TRUE(lock_->abandoned()) << "until the last release";
    EXPECT_TRUE(lock_->release(me_));
    EXPECT_FALSE(lock_->abandoned());
}

TEST_F(RLockStateTest, a_thread_with_the_number_of_a_dead_holder_does_not_hold_it) {
    auto holder = start_and_stay([this](Actor& actor) { lock_->acquire(actor, {}); });
    end(holder);
    Actor thread = me_.thread(2);
    EXPECT_EQ(lock_->acquire(thread, {}), Acquired::abandoned);
    EXPECT_FALSE(lock_->is_held_by(me_)) << "the dead one was thread 1 of its process, too";
}

TEST_F(RLockStateTest, lets_one_in_at_a_time_between_processes_and_their_threads) {
    constexpr int kRounds = 1000;
    cohort::test::Shared<std::uint64_t> count{0U}, mirror{0U};
    std::vector<ForkedChild> children;
    for (int i = 0; i != 2; ++i)
        children.push_back(start([&](Actor& first) {
            std::vector<std::thread> threads;
            for (std::uint32_t number = 1; number != 4; ++number)
                threads.emplace_back([&, number] {
                    Actor actor = first.thread(number);
                    for (int round = 0; round != kRounds; ++round) {
                        lock_->acquire(actor, {});
                        lock_->acquire(actor, {});
                        EXPECT_EQ(*count, *mirror);
                        ++*count;
                        if (round % 64 == 0) std::this_thread::yield();
                        ++*mirror;
                        EXPECT_TRUE(lock_->release(actor));
                        EXPECT_TRUE(lock_->release(actor));
                    }
                });
            for (auto& thread : threads) thread.join();
        }));
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(*count, 2U * 3 * kRounds);
}

}  // namespace
