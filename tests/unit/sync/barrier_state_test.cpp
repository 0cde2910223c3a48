// SPDX-License-Identifier: MIT
#include "sync/barrier_state.hpp"

#include "unit/sync/sync_fixture.hpp"

#include <functional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

using cohort::sync::BarrierState;
using cohort::sync::Until;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::Placed;

namespace {

constexpr auto nothing = [] {};

class BarrierStateTest : public cohort::test::SyncTest {
protected:
    void wait_for(const BarrierState& barrier, std::uint32_t waiting) {
        wait_until([&] { return barrier.n_waiting() == waiting; });
    }
    ForkedChild start_party(BarrierState& barrier, bool passes, Until until = {}) {
        return start([this, &barrier, passes, until](Actor& actor) {
            EXPECT_EQ(barrier.wait(actor, until, nothing).has_value(), passes);
            ++*step_;
        });
    }
};

TEST_F(BarrierStateTest, lets_all_pass_when_the_last_one_has_come) {
    Placed<BarrierState> barrier(3U);
    EXPECT_EQ(barrier->parties(), 3U);
    auto first = start_party(*barrier, true);
    wait_for(*barrier, 1);
    auto second = start_party(*barrier, true);
    wait_for(*barrier, 2);
    EXPECT_EQ(*step_, 0);
    EXPECT_EQ(barrier->wait(me_, {}, nothing), 2U);
    EXPECT_TRUE(first.wait().success());
    EXPECT_TRUE(second.wait().success());
    EXPECT_EQ(barrier->n_waiting(), 0U);
    EXPECT_FALSE(barrier->broken());
}

TEST_F(BarrierStateTest, breaks_when_a_party_gives_up) {
    Placed<BarrierState> barrier(3U);
    auto first = start_party(*barrier, false);
    wait_for(*barrier, 1);
    bool arrived = false;
    const std::function<bool()> after_arrival = [&] { return std::exchange(arrived, true); };
    EXPECT_FALSE(barrier->wait(me_.giving_up(after_arrival), {}, nothing));
    EXPECT_TRUE(barrier->broken());
    EXPECT_TRUE(first.wait().success());
}

TEST_F(BarrierStateTest, of_one_party_never_waits) {
    Placed<BarrierState> barrier(1U);
    int runs = 0;
    for (int i = 0; i != 3; ++i) EXPECT_EQ(barrier->wait(me_, past(), [&] { ++runs; }), 0U);
    EXPECT_EQ(runs, 3);
}

TEST_F(BarrierStateTest, is_used_again_and_again_and_gives_each_arrival_once) {
    constexpr int kRounds = 200;
    constexpr std::uint32_t kProcesses = 3, kThreads = 2, kParties = kProcesses * kThreads;
    Placed<BarrierState> barrier(kParties);
    cohort::test::Shared<std::atomic<std::uint64_t>> sum{0U};
    std::vector<ForkedChild> children;
    for (std::uint32_t i = 0; i != kProcesses; ++i)
        children.push_back(start([&](Actor& first) {
            std::vector<std::thread> threads;
            for (std::uint32_t number = 1; number <= kThreads; ++number)
                threads.emplace_back([&, number] {
                    Actor actor = first.thread(number);
                    for (int round = 0; round != kRounds; ++round) {
                        const auto arrival = barrier->wait(actor, {}, [&] {
                            // All have come, and nobody has gone.
                            EXPECT_EQ(*step_, round);
                            ++*step_;
                        });
                        ASSERT_TRUE(arrival.has_value());
                        EXPECT_GT(*step_, round);
                        *sum += std::uint64_t{1} << 8 * *arrival;
                    }
                });
            for (auto& thread : threads) thread.join();
        }));
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(*step_, kRounds);
    for (std::uint32_t arrival = 0; arrival != kParties; ++arrival)
        EXPECT_EQ(*sum >> 8 * arrival & 0xff, static_cast<std::uint64_t>(kRounds)) << arrival;
}

TEST_F(BarrierStateTest, breaks_for_all_when_one_has_no_more_time) {
    Placed<BarrierState> barrier(3U);
    auto patient = start_party(*barrier, false);
    wait_for(*barrier, 1);
    EXPECT_FALSE(barrier->wait(me_, soon(), nothing));
    EXPECT_TRUE(patient.wait().success());
    EXPECT_TRUE(barrier->broken());
    EXPECT_EQ(barrier->n_waiting(), 0U);
    EXPECT_FALSE(barrier->wait(me_, {}, nothing)) << "stays broken";
    barrier->reset();
    EXPECT_FALSE(barrier->broken());
}

TEST_F(BarrierStateTest, breaks_at_once_without_time) {
    Placed<BarrierState> barrier(2U);
    EXPECT_FALSE(barrier->wait(me_, past(), nothing));
    EXPECT_TRUE(barrier->broken());
}

TEST_F(BarrierStateTest, is_aborted_and_reset) {
    Placed<BarrierState> barrier(2U);
    for (int round = 0; round != 3; ++round) {
        auto party = start_party(*barrier, false);
        wait_for(*barrier, 1);
        barrier->abort();
        barrier->abort();
        EXPECT_TRUE(party.wait().success());
        EXPECT_TRUE(barrier->broken());
        barrier->reset();
        EXPECT_FALSE(barrier->broken());
        auto next = start_party(*barrier, true);
        EXPECT_TRUE(barrier->wait(me_, {}, nothing));
        EXPECT_TRUE(next.wait().success());
    }
}

TEST_F(BarrierStateTest, a_reset_turns_those_away_who_wait) {
    Placed<BarrierState> barrier(3U);
    auto first = start_party(*barrier, false);
    auto second = start_party(*barrier, false);
    wait_for(*barrier, 2);
    barrier->reset();
    EXPECT_FALSE(barrier->broken());
    EXPECT_TRUE(first.wait().success());
    EXPECT_TRUE(second.wait().success());
    EXPECT_EQ(barrier->n_waiting(), 0U);
    barrier->reset();
    EXPECT_FALSE(barrier->broken()) << "of an empty one: nothing";
}

// The first generation ends and is forgotten before those of it look: they are stopped.
TEST_F(BarrierStateTest, who_wakes_up_late_knows_how_its_generation_ended) {
    Placed<BarrierState> barrier(2U);
    auto passed = start_party(*barrier, true);
    wait_for(*barrier, 1);
    passed.kill(SIGSTOP);
    EXPECT_EQ(barrier->wait(me_, {}, nothing), 1U);
    auto broken = start_party(*barrier, false);
    wait_for(*barrier, 1);
    broken.kill(SIGSTOP);
    barrier->reset();
    for (int round = 0; round != 5; ++round) {
        auto other = start([&](Actor& actor) { EXPECT_TRUE(barrier->wait(actor, {}, nothing)); });
        EXPECT_TRUE(barrier->wait(me_, {}, nothing));
        EXPECT_TRUE(other.wait().success());
    }
    broken.kill(SIGCONT);
    EXPECT_TRUE(broken.wait().success());
    passed.kill(SIGCONT);
    EXPECT_TRUE(passed.wait().success());
}

TEST_F(BarrierStateTest, breaks_when_the_action_throws) {
    Placed<BarrierState> barrier(2U);
    auto party = start_party(*barrier, false);
    wait_for(*barrier, 1);
    EXPECT_THROW(barrier->wait(me_, {}, [] { throw std::runtime_error("no"); }), std::runtime_error);
    EXPECT_TRUE(party.wait().success());
    EXPECT_TRUE(barrier->broken());
}

TEST_F(BarrierStateTest, waits_for_an_action_that_takes_longer_than_the_timeout) {
    Placed<BarrierState> barrier(2U);
    // Longer each time that the machine was too slow for both to come.
    for (auto time = std::chrono::milliseconds(20); *step_ == 0; time *= 2) {
        barrier->reset();
        const auto moment = std::chrono::steady_clock::now() + time;
        auto pass = [&](Actor& actor) {
            const auto arrival = barrier->wait(actor, moment, [&] {
                *step_ = 1;
                std::this_thread::sleep_until(moment + std::chrono::milliseconds(1));
            });
            EXPECT_EQ(arrival.has_value(), *step_ == 1);
        };
        auto other = start(pass);
        pass(me_);
        EXPECT_TRUE(other.wait().success());
    }
    EXPECT_FALSE(barrier->broken());
}

TEST_F(BarrierStateTest, breaks_when_a_party_dies_while_it_waits) {
    Placed<BarrierState> barrier(4U);
    auto victim = start_party(*barrier, false);
    wait_for(*barrier, 1);
    auto second = start_party(*barrier, false);
    auto third = start_party(*barrier, false);
    wait_for(*barrier, 3);
    end(victim);
    EXPECT_TRUE(second.wait().success());
    EXPECT_TRUE(third.wait().success());
    EXPECT_TRUE(barrier->broken());
}

TEST_F(BarrierStateTest, breaks_when_the_last_one_comes_and_the_others_are_dead) {
    Placed<BarrierState> barrier(2U);
    auto victim = start_party(*barrier, false);
    wait_for(*barrier, 1);
    end(victim);
    EXPECT_FALSE(barrier->wait(me_, {}, [] { ADD_FAILURE() << "not all are here"; }));
    EXPECT_TRUE(barrier->broken());
    barrier->reset();
    auto next = start_party(*barrier, true);
    EXPECT_TRUE(barrier->wait(me_, {}, nothing));
    EXPECT_TRUE(next.wait().success());
}

TEST_F(BarrierStateTest, breaks_when_a_party_dies_in_the_action) {
    Placed<BarrierState> barrier(2U);
    auto party = start_party(*barrier, false);
    wait_for(*barrier, 1);
    auto victim = start([&](Actor& actor) {
        barrier->wait(actor, {}, [&] {
            *step_ = 10;
            for (;;) ::pause();
        });
    });
    wait_for_step(10);
    // One of the next generation comes while the action runs, and finds the barrier broken, too.
    auto next = start([&](Actor& actor) { EXPECT_FALSE(barrier->wait(actor, {}, nothing)); });
    end(victim);
    EXPECT_TRUE(party.wait().success());
    EXPECT_TRUE(next.wait().success());
    EXPECT_TRUE(barrier->broken());
}

TEST_F(BarrierStateTest, the_death_of_one_who_has_passed_breaks_nothing) {
    Placed<BarrierState> barrier(2U);
    auto party = start([&](Actor& actor) {
        EXPECT_TRUE(barrier->wait(actor, {}, nothing));
        *step_ = 1;
        for (;;) ::pause();
    });
    EXPECT_TRUE(barrier->wait(me_, {}, nothing));
    wait_for_step(1);
    auto next = start_party(*barrier, true);
    wait_for(*barrier, 1);
    end(party);
    EXPECT_TRUE(barrier->wait(me_, {}, nothing));
    EXPECT_TRUE(next.wait().success());
}

TEST_F(BarrierStateTest, takes_the_cells_of_the_dead_back) {
    Placed<BarrierState> barrier(2U);
    for (int i = 0; i != 40; ++i) {
        auto victim = start_party(*barrier, false);
        wait_for(*barrier, 1);
        end(victim);
        barrier->reset();
    }
    auto next = start_party(*barrier, true);
    EXPECT_TRUE(barrier->wait(me_, {}, nothing));
    EXPECT_TRUE(next.wait().success());
}

}  // namespace
