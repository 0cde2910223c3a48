// SPDX-License-Identifier: MIT
#include "shm/queue_core.hpp"

#include "support/forked_child.hpp"
#include "unit/shm/queue_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

using cohort::shm::Owner;
using cohort::shm::QueueCore;
using cohort::test::ForkedChild;
using cohort::test::QueueWorld;

namespace {

class QueueJoinTest : public testing::Test {
protected:
    QueueWorld world_{{.cell_bytes = 32, .first_cells = 4, .largest_cells = 16, .maxsize = 0, .joinable_lines = 16}};
    QueueCore& queue_ = *world_.queue;
    Owner me_ = world_.roster.reserve();
    Owner other_ = world_.roster.reserve();
    Owner victim_ = world_.roster.reserve();

    void put(std::uint64_t count) {
        for (std::uint64_t number = 1; number <= count; ++number) ASSERT_TRUE(world_.put(number, me_));
    }
    bool joined() { return queue_.join(now()); }
    static QueueCore::Until now() { return std::chrono::steady_clock::now(); }
    void victim_dies() {
        world_.roster.bury(victim_, cohort::ExitStatus::signaled(9));
        queue_.sweep(victim_, nullptr, nullptr);
    }
};

TEST_F(QueueJoinTest, is_joined_when_every_item_is_done) {
    EXPECT_TRUE(joined());
    put(20);
    EXPECT_FALSE(joined());
    for (std::uint64_t number = 1; number <= 20; ++number) {
        EXPECT_EQ(world_.get(number % 2 == 0 ? me_ : other_), number);
        EXPECT_FALSE(joined());
    }
    for (int i = 0; i != 20; ++i) {
        EXPECT_FALSE(joined());
        EXPECT_TRUE(queue_.task_done(i % 3 == 0 ? me_ : other_));
    }
    EXPECT_TRUE(joined());
    EXPECT_FALSE(queue_.task_done(me_));
}

TEST_F(QueueJoinTest, an_item_in_somebodys_hands_is_not_done) {
    put(1);
    const auto taken = queue_.take(other_, now());
    EXPECT_EQ(queue_.size(), 0U);
    EXPECT_FALSE(joined());
    queue_.release(taken);
    EXPECT_FALSE(joined());
    EXPECT_TRUE(queue_.task_done(other_));
    EXPECT_TRUE(joined());
}

TEST_F(QueueJoinTest, what_a_dead_process_had_open_is_done_and_lost) {
    put(6);
    EXPECT_EQ(world_.get(victim_), 1U);
    EXPECT_EQ(world_.get(victim_), 2U);
    EXPECT_EQ(world_.get(victim_), 3U);
    EXPECT_TRUE(queue_.task_done(victim_));
    ASSERT_TRUE(queue_.take(victim_, now()));  // and this one he has in his hands
    EXPECT_EQ(world_.get(me_), 5U);
    EXPECT_EQ(world_.get(me_), 6U);
    victim_dies();
    EXPECT_EQ(queue_.lost(), 3U);
    queue_.sweep(victim_, nullptr, nullptr);
    EXPECT_EQ(queue_.lost(), 3U);
    EXPECT_TRUE(queue_.task_done(me_));
    EXPECT_FALSE(joined());
    EXPECT_TRUE(queue_.task_done(other_));
    EXPECT_TRUE(joined());
    EXPECT_FALSE(queue_.task_done(me_));
}

TEST_F(QueueJoinTest, a_place_of_the_roster_is_used_again) {
    put(3);
    EXPECT_EQ(world_.get(victim_), 1U);
    victim_dies();
    world_.roster.retire(victim_);
    Owner next;
    do next = world_.roster.reserve();
    while (next.slot() != victim_.slot() && !next.is_nobody());
    ASSERT_FALSE(next.is_nobody());
    EXPECT_EQ(world_.get(next), 2U);
    EXPECT_EQ(world_.get(next), 3U);
    EXPECT_TRUE(queue_.task_done(next));
    EXPECT_FALSE(joined());
    EXPECT_TRUE(queue_.task_done(next));
    EXPECT_TRUE(joined());
    EXPECT_EQ(queue_.lost(), 1U);
}

TEST_F(QueueJoinTest, a_join_is_woken_by_the_last_task_done_and_by_a_death) {
    put(2);
    ForkedChild child([&] {
        world_.roster.enter(victim_);
        world_.get(victim_);
        ::raise(SIGSTOP);
    });
    while (!world_.roster.is_stopped(victim_)) std::this_thread::yield();
    std::thread worker([&] {
        EXPECT_EQ(world_.queue->take(other_, now()).count, 1U);
        EXPECT_TRUE(queue_.task_done(other_));
        child.kill();
    });
    EXPECT_TRUE(queue_.join({}));
    worker.join();
    EXPECT_EQ(queue_.lost(), 1U);
    EXPECT_EQ(child.wait().signal(), SIGKILL);
}

TEST_F(QueueJoinTest, threads_of_one_process_count_each_item) {
    constexpr std::uint64_t kItems = 2'000;
    std::vector<std::thread> consumers;
    for (int i = 0; i != 3; ++i)
        consumers.emplace_back([&] {
            for (;;) {
                const auto taken = queue_.take(me_, {});
                if (!taken) return;
                queue_.release(taken);
                EXPECT_TRUE(queue_.task_done(me_));
            }
        });
    for (std::uint64_t number = 1; number <= kItems; ++number) ASSERT_TRUE(world_.put(number, other_));
    EXPECT_TRUE(queue_.join({}));
    EXPECT_EQ(queue_.size(), 0U);
    queue_.close(other_);
    for (auto& thread : consumers) thread.join();
    EXPECT_FALSE(queue_.task_done(me_));
}

}  // namespace
