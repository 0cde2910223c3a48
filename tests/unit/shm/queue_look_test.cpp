// SPDX-License-Identifier: MIT
// What a look at a queue tells, and what wakes who has listened.
#include "shm/queue_core.hpp"

#include "unit/shm/queue_world.hpp"

#include <gtest/gtest.h>

#include <chrono>

using cohort::shm::Owner;
using cohort::shm::QueueCore;
using cohort::shm::RingStatus;
using cohort::test::QueueWorld;

namespace {

class QueueLook : public testing::Test {
protected:
    Owner me_, other_, victim_;
    std::optional<QueueWorld> world_;

    QueueCore& make(std::uint64_t maxsize) {
        world_.emplace(QueueCore::Options{.cell_bytes = 32, .first_cells = 4, .largest_cells = 16, .maxsize = maxsize});
        me_ = world_->roster.reserve();
        other_ = world_->roster.reserve();
        victim_ = world_->roster.reserve();
        return *world_->queue;
    }
    void put(std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t number = first; number <= last; ++number) ASSERT_TRUE(world_->put(number, me_)) << number;
    }
    void expect(std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t number = first; number <= last; ++number) ASSERT_EQ(world_->get(me_), number);
    }
    static QueueCore::Until now() { return std::chrono::steady_clock::now(); }
};

TEST_F(QueueLook, a_look_finds_what_a_get_would_and_takes_nothing) {
    for (const std::uint64_t maxsize : {0U, 30U}) {
        QueueCore& queue = make(maxsize);
        EXPECT_EQ(queue.look(me_), RingStatus::empty);
        EXPECT_EQ(queue.poll_item(me_), RingStatus::empty);
        put(1, 30);
        for (std::uint64_t number = 1; number <= 30; ++number) {
            EXPECT_EQ(queue.look(me_), RingStatus::done);
            EXPECT_EQ(queue.poll_item(me_), RingStatus::done);
            expect(number, number);
        }
        EXPECT_EQ(queue.look(me_), RingStatus::empty);
        put(1, 1);
        queue.close(me_);
        EXPECT_EQ(queue.look(me_), RingStatus::done);
        expect(1, 1);
        EXPECT_EQ(queue.look(me_), RingStatus::ended);
        EXPECT_EQ(queue.poll_item(me_), RingStatus::ended);
    }
}

TEST_F(QueueLook, a_look_finds_no_item_that_is_taken_or_not_yet_put) {
    QueueCore& queue = make(0);
    put(1, 1);
    const auto taken = queue.take(other_, now());
    EXPECT_EQ(queue.look(me_), RingStatus::empty);
    queue.release(taken);
    const auto begun = queue.claim(other_, now());
    EXPECT_EQ(queue.look(me_), RingStatus::pending);
    put(3, 3);
    EXPECT_EQ(queue.look(me_), RingStatus::pending);
    world_->write(begun, 0, 2);
    queue.commit(begun);
    EXPECT_EQ(queue.look(me_), RingStatus::done);
    expect(2, 3);
}

TEST_F(QueueLook, a_look_passes_what_the_dead_left) {
    QueueCore& queue = make(0);
    ASSERT_EQ(queue.claim(victim_, now(), 2).count, 2U);
    EXPECT_EQ(queue.look(me_), RingStatus::pending);
    world_->roster.bury(victim_, cohort::ExitStatus::signaled(9));
    EXPECT_EQ(queue.look(me_), RingStatus::empty);
    put(3, 10);
    EXPECT_EQ(queue.look(me_), RingStatus::done);
    expect(3, 9);
    const Owner taker = world_->roster.reserve();
    ASSERT_TRUE(queue.take(taker, now()));
    world_->roster.bury(taker, cohort::ExitStatus::signaled(9));
    EXPECT_EQ(queue.look(me_), RingStatus::empty);
    put(11, 11);
    EXPECT_EQ(queue.look(me_), RingStatus::done);
    expect(11, 11);
}

TEST_F(QueueLook, a_put_or_the_end_wakes_who_has_listened) {
    QueueCore& queue = make(4);
    for (int i = 0; i != 2; ++i) {
        const cohort::shm::Watch word = queue.listen();
        EXPECT_EQ(queue.look(me_), RingStatus::empty);
        if (i == 0) {
            put(1, 1);
        } else {
            queue.close(me_);
        }
        EXPECT_NE(word.word->load(), word.expected);
        if (i == 0) expect(1, 1);
    }
}

}  // namespace
