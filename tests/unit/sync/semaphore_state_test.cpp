// SPDX-License-Identifier: MIT
#include "sync/semaphore_state.hpp"

#include "unit/sync/sync_fixture.hpp"

#include <vector>

using cohort::sync::SemaphoreState;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::Placed;
using Released = SemaphoreState::Released;

namespace {

class SemaphoreStateTest : public cohort::test::SyncTest {};

TEST_F(SemaphoreStateTest, counts_units) {
    Placed<SemaphoreState> semaphore(2U);
    EXPECT_TRUE(semaphore->acquire(me_, {}));
    EXPECT_TRUE(semaphore->acquire(me_, past()));
    EXPECT_EQ(semaphore->value(), 0U);
    EXPECT_FALSE(semaphore->acquire(me_, past()));
    EXPECT_FALSE(semaphore->acquire(me_, soon()));
    EXPECT_FALSE(semaphore->acquire_held(me_, soon()));
    EXPECT_EQ(semaphore->release(3), Released::yes) << "over the first value";
    EXPECT_EQ(semaphore->value(), 3U);
    EXPECT_EQ(semaphore->release(SemaphoreState::kMaxValue), Released::too_many);
    EXPECT_EQ(semaphore->value(), 3U);
}

TEST_F(SemaphoreStateTest, refuses_a_release_over_the_bound) {
    Placed<SemaphoreState> semaphore(2U, 2U);
    EXPECT_EQ(semaphore->release(), Released::too_many);
    EXPECT_TRUE(semaphore->acquire(me_, {}));
    EXPECT_EQ(semaphore->release(2), Released::too_many);
    EXPECT_EQ(semaphore->release(), Released::yes);
    EXPECT_EQ(semaphore->value(), 2U);
}

TEST_F(SemaphoreStateTest, knows_who_holds_units) {
    Placed<SemaphoreState> semaphore(5U);
    for (std::uint32_t count = 1; count != 4; ++count) {
        EXPECT_TRUE(semaphore->acquire_held(me_, {}));
        EXPECT_EQ(semaphore->held(me_.owner()), count);
    }
    EXPECT_TRUE(semaphore->acquire(me_, {}));
    EXPECT_EQ(semaphore->held(me_.owner()), 3U) << "held without a guard";
    auto other = start([&](Actor& actor) {
        EXPECT_EQ(semaphore->release_held(actor), Released::not_held);
        EXPECT_TRUE(semaphore->acquire_held(actor, past()));
        EXPECT_EQ(semaphore->value(), 0U);
        EXPECT_EQ(semaphore->release_held(actor), Released::yes);
        EXPECT_EQ(semaphore->release_held(actor), Released::not_held);
    });
    EXPECT_TRUE(other.wait().success());
    for (int i = 0; i != 3; ++i) EXPECT_EQ(semaphore->release_held(me_), Released::yes);
    EXPECT_EQ(semaphore->release_held(me_), Released::not_held);
    EXPECT_EQ(semaphore->value(), 4U);
}

TEST_F(SemaphoreStateTest, gives_the_units_of_a_dead_holder_to_those_who_wait) {
    Placed<SemaphoreState> semaphore(3U, 3U);
    auto holder = start_and_stay([&](Actor& actor) {
        for (int i = 0; i != 3; ++i) semaphore->acquire_held(actor, {});
    });
    EXPECT_FALSE(semaphore->acquire(me_, past()));
    std::vector<ForkedChild> sleepers;
    for (int i = 0; i != 3; ++i)
        sleepers.push_back(start([&](Actor& actor) {
            ++*step_;
            EXPECT_TRUE(semaphore->acquire(actor, {}));
        }));
    wait_for_step(4);
    end(holder);
    for (auto& sleeper : sleepers) EXPECT_TRUE(sleeper.wait().success());
    EXPECT_EQ(semaphore->value(), 0U);
}

TEST_F(SemaphoreStateTest, finds_the_units_of_the_dead_without_a_wait) {
    Placed<SemaphoreState> semaphore(1U);
    auto holder = start_and_stay([&](Actor& actor) { semaphore->acquire_held(actor, {}); });
    end(holder);
    EXPECT_TRUE(semaphore->acquire_held(me_, past()));
    EXPECT_EQ(semaphore->value(), 0U);
}

TEST_F(SemaphoreStateTest, keeps_what_a_dead_process_took_without_a_guard) {
    Placed<SemaphoreState> semaphore(2U);
    auto holder = start_and_stay([&](Actor& actor) {
        semaphore->acquire(actor, {});
        semaphore->acquire_held(actor, {});
    });
    end(holder);
    EXPECT_TRUE(semaphore->acquire(me_, past()));
    EXPECT_FALSE(semaphore->acquire(me_, soon())) << "as POSIX semaphores do";
}

TEST_F(SemaphoreStateTest, is_swept) {
    Placed<SemaphoreState> semaphore(4U, 4U);
    cohort::test::Shared<cohort::shm::Owner> owner;
    auto holder = start_and_stay([&](Actor& actor) {
        *owner = actor.owner();
        semaphore->acquire_held(actor, {});
        semaphore->acquire_held(actor, {});
    });
    end(holder);
    EXPECT_EQ(semaphore->sweep(*owner), 2U);
    EXPECT_EQ(semaphore->sweep(*owner), 0U);
    EXPECT_EQ(semaphore->value(), 4U);
}

TEST_F(SemaphoreStateTest, is_never_swept_over_its_bound) {
    Placed<SemaphoreState> semaphore(1U, 1U);
    cohort::test::Shared<cohort::shm::Owner> owner;
    auto holder = start_and_stay([&](Actor& actor) {
        *owner = actor.owner();
        semaphore->acquire_held(actor, {});
    });
    EXPECT_EQ(semaphore->release(), Released::yes) << "in the place of the holder";
    end(holder);
    EXPECT_EQ(semaphore->sweep(*owner), 1U);
    EXPECT_EQ(semaphore->value(), 1U);
}

TEST_F(SemaphoreStateTest, a_new_process_in_the_slot_of_a_dead_one_has_none_of_its_units) {
    Placed<SemaphoreState> semaphore(6U, 6U);
    // As many as the roster has lines: each slot is used several times.
    for (std::uint32_t i = 0; i != 3 * kLines; ++i) {
        const auto owner = roster_.reserve();
        ASSERT_FALSE(owner.is_nobody());
        roster_.bury(owner, cohort::ExitStatus::exited(0));
        Actor dead(owner, roster_);
        EXPECT_EQ(semaphore->held(owner), 0U);
        EXPECT_TRUE(semaphore->acquire_held(dead, past()));
        EXPECT_EQ(semaphore->held(owner), 1U);
        if (i % 2 == 0) {
            EXPECT_EQ(semaphore->release_held(dead), Released::yes);
        }
        roster_.retire(owner);
    }
    for (int i = 0; i != 6; ++i) EXPECT_TRUE(semaphore->acquire(me_, past()));
    EXPECT_FALSE(semaphore->acquire(me_, past()));
}

TEST_F(SemaphoreStateTest, neither_loses_nor_doubles_a_unit_between_processes_and_their_threads) {
    constexpr int kRounds = 1500;
    constexpr std::uint32_t kUnits = 2;
    Placed<SemaphoreState> semaphore(kUnits, kUnits);
    cohort::test::Shared<std::atomic<std::uint32_t>> inside{0U};
    std::vector<ForkedChild> children;
    for (int i = 0; i != 3; ++i)
        children.push_back(start([&](Actor& first) {
            std::vector<std::thread> threads;
            for (std::uint32_t number = 1; number != 3; ++number)
                threads.emplace_back([&, number] {
                    Actor actor = first.thread(number);
                    for (int round = 0; round != kRounds; ++round) {
                        const bool held = round % 3 != 0;
                        EXPECT_TRUE(held ? semaphore->acquire_held(actor, {}) : semaphore->acquire(actor, {}));
                        EXPECT_LE(++*inside, kUnits);
                        if (round % 64 == 0) std::this_thread::yield();
                        --*inside;
                        EXPECT_EQ(held ? semaphore->release_held(actor) : semaphore->release(), Released::yes);
                    }
                });
            for (auto& thread : threads) thread.join();
        }));
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(semaphore->value(), kUnits);
}

TEST_F(SemaphoreStateTest, outlives_holders_killed_at_random) {
    constexpr std::uint32_t kUnits = 3;
    Placed<SemaphoreState> semaphore(kUnits, kUnits);
    for (int kill = 0; kill != 60; ++kill) {
        *step_ = 0;
        auto child = start([&](Actor& actor) {
            for (;;) {
                semaphore->acquire_held(actor, {});
                semaphore->acquire_held(actor, {});
                semaphore->release_held(actor);
                semaphore->release_held(actor);
                *step_ = 1;
            }
        });
        wait_for_step(1);
        for (int round = 0; round != 50; ++round) {
            EXPECT_TRUE(semaphore->acquire_held(me_, {}));
            if (round == kill % 50) child.kill();
            EXPECT_EQ(semaphore->release_held(me_), Released::yes);
        }
        child.wait();
        for (std::uint32_t i = 0; i != kUnits; ++i) EXPECT_TRUE(semaphore->acquire(me_, past()));
        EXPECT_FALSE(semaphore->acquire(me_, past()));
        EXPECT_EQ(semaphore->release(kUnits), Released::yes);
    }
}

TEST_F(SemaphoreStateTest, wakes_one_after_the_other_for_many_units) {
    Placed<SemaphoreState> semaphore(0U);
    std::vector<ForkedChild> children;
    for (int i = 0; i != 6; ++i)
        children.push_back(start([&](Actor& actor) {
            ++*step_;
            EXPECT_TRUE(semaphore->acquire(actor, {}));
        }));
    wait_for_step(6);
    for (int i = 0; i != 6; ++i) EXPECT_EQ(semaphore->release(), Released::yes);
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
}

}  // namespace
