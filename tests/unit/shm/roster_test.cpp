// SPDX-License-Identifier: MIT
#include "shm/roster.hpp"

#include "shm/doorbell.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <set>
#include <stdexcept>
#include <thread>

using cohort::ExitStatus;
using cohort::shm::Owner;
using cohort::shm::Roster;
using cohort::test::ForkedChild;

namespace {

class RosterTest : public testing::Test {
protected:
    static constexpr std::uint32_t kLines = 4;
    cohort::os::Mapping memory_ = cohort::test::shared_memory(Roster::bytes(kLines));
    Roster roster_ = make();

    Roster make() {
        Roster::format(memory_.data(), kLines);
        return Roster(memory_.data());
    }
    ForkedChild start(Owner owner) {
        ForkedChild child([&, owner] {
            roster_.enter(owner);
            for (;;) ::pause();
        });
        while (!roster_.watch(owner)) std::this_thread::yield();  // its number is known a little earlier
        return child;
    }
};

TEST_F(RosterTest, gives_every_process_another_owner) {
    std::set<std::uint32_t> seen;
    for (int i = 0; i != 100; ++i) {
        const Owner owner = roster_.reserve();
        ASSERT_FALSE(owner.is_nobody());
        EXPECT_TRUE(seen.insert(owner.raw()).second);
        roster_.bury(owner, ExitStatus::exited(0));
        roster_.retire(owner);
    }
}

TEST_F(RosterTest, has_nobody_left_to_give_when_all_lines_are_taken) {
    for (std::uint32_t i = 0; i != kLines; ++i) EXPECT_FALSE(roster_.reserve().is_nobody());
    EXPECT_TRUE(roster_.reserve().is_nobody());
}

TEST_F(RosterTest, uses_lines_again_before_it_takes_new_ones) {
    for (int i = 0; i != 100; ++i) {
        const Owner owner = roster_.reserve();
        roster_.bury(owner, ExitStatus::exited(0));
        roster_.retire(owner);
    }
    EXPECT_EQ(roster_.used_lines(), 1U);
}

TEST_F(RosterTest, who_comes_to_a_line_that_has_ended_touches_nothing) {
    const Owner early = roster_.reserve();
    EXPECT_TRUE(roster_.end_reserved(early, ExitStatus::exited(255)));
    EXPECT_FALSE(roster_.enter(early));
    roster_.retire(early);
    const Owner next = roster_.reserve();
    ASSERT_EQ(next.slot(), early.slot());
    EXPECT_FALSE(roster_.enter(early));
    EXPECT_EQ(roster_.pid(next), 0);
    EXPECT_TRUE(roster_.enter(next));
    EXPECT_FALSE(roster_.end_reserved(next, ExitStatus::exited(255)));
    EXPECT_FALSE(roster_.end_entering(next, ExitStatus::exited(255)));
    EXPECT_FALSE(roster_.is_dead(next));
    roster_.leave(next);
}

TEST_F(RosterTest, a_reserved_line_is_not_dead_and_cannot_be_watched) {
    const Owner owner = roster_.reserve();
    EXPECT_FALSE(roster_.is_dead(owner));
    EXPECT_FALSE(roster_.watch(owner));
    EXPECT_EQ(roster_.pid(owner), 0);
}

TEST_F(RosterTest, knows_who_lives) {
    const Owner owner = roster_.reserve();
    auto child = start(owner);
    EXPECT_EQ(roster_.pid(owner), child.pid());
    EXPECT_FALSE(roster_.is_dead(owner));
    EXPECT_FALSE(roster_.exit_status(owner));
    child.kill();
    child.wait();
    EXPECT_TRUE(roster_.is_dead(owner));
    EXPECT_TRUE(roster_.is_dead(owner));
}

TEST_F(RosterTest, a_death_wakes_who_watches) {
    const Owner owner = roster_.reserve();
    auto child = start(owner);
    cohort::shm::Doorbell bell;
    const auto ticket = bell.listen();
    const std::array watched{roster_.watch(owner).value()};
    child.kill();
    while (!roster_.is_dead(owner)) bell.wait(ticket, {}, watched);
    EXPECT_FALSE(roster_.watch(owner));
}

TEST_F(RosterTest, a_process_may_leave_in_peace) {
    const Owner owner = roster_.reserve();
    ForkedChild child([&] {
        roster_.enter(owner);
        EXPECT_FALSE(roster_.is_dead(owner));
        roster_.leave(owner);
    });
    EXPECT_TRUE(child.wait().success());
    EXPECT_TRUE(roster_.is_dead(owner));
}

TEST_F(RosterTest, the_one_who_reaps_says_how_it_ended) {
    const Owner owner = roster_.reserve();
    auto child = start(owner);
    child.kill();
    roster_.bury(owner, child.wait());
    EXPECT_EQ(roster_.exit_status(owner), ExitStatus::signaled(SIGKILL));
    EXPECT_TRUE(roster_.is_dead(owner));
}

TEST_F(RosterTest, every_exit_status_is_kept) {
    for (auto status : {ExitStatus::exited(0), ExitStatus::exited(255), ExitStatus::signaled(11, true)}) {
        const Owner owner = roster_.reserve();
        roster_.bury(owner, status);
        EXPECT_EQ(roster_.exit_status(owner), status);
        roster_.retire(owner);
        EXPECT_TRUE(roster_.is_dead(owner));
    }
}

TEST_F(RosterTest, a_retired_owner_stays_dead_when_its_line_has_a_new_one) {
    std::set<std::uint32_t> old;
    Owner first = roster_.reserve();
    roster_.bury(first, ExitStatus::exited(3));
    roster_.retire(first);
    Owner next = roster_.reserve();
    while (next.slot() != first.slot()) next = roster_.reserve();
    EXPECT_NE(next.generation(), first.generation());
    EXPECT_TRUE(roster_.is_dead(first));
    EXPECT_FALSE(roster_.is_dead(next));
    EXPECT_FALSE(roster_.exit_status(first));
    roster_.bury(first, ExitStatus::exited(4));
    EXPECT_FALSE(roster_.is_dead(next));
}

TEST_F(RosterTest, a_live_line_cannot_be_retired) {
    const Owner owner = roster_.reserve();
    roster_.retire(owner);
    EXPECT_FALSE(roster_.is_dead(owner));
}

TEST_F(RosterTest, the_words_of_the_layer_above_begin_at_zero) {
    for (int i = 0; i != 8; ++i) {
        const Owner owner = roster_.reserve();
        EXPECT_EQ(roster_.doing(owner), 0U);
        for (std::size_t n = 0; n != Roster::kNotes; ++n) EXPECT_EQ(roster_.note(owner, n).exchange(n + 1), 0U);
        roster_.doing(owner) = 9;
        roster_.bury(owner, ExitStatus::exited(0));
        roster_.retire(owner);
    }
}

TEST(Roster, zeroed_memory_is_no_roster) {
    auto memory = cohort::test::shared_memory(4096);
    EXPECT_THROW(Roster roster(memory.data()), std::runtime_error);
}

}  // namespace
