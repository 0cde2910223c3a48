// SPDX-License-Identifier: MIT
#include "shm/queue_core.hpp"

#include "support/forked_child.hpp"
#include "unit/shm/queue_world.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

using cohort::shm::Owner;
using cohort::shm::QueueCore;
using cohort::shm::RingStatus;
using cohort::test::ForkedChild;
using cohort::test::QueueWorld;

namespace {

using Numbers = std::vector<std::uint64_t>;

constexpr QueueCore::Options kSmall{.cell_bytes = 32, .first_cells = 4, .largest_cells = 16, .maxsize = 0};

constexpr QueueCore::Options bounded(std::uint64_t maxsize, std::uint32_t cells = 4) {
    return {.cell_bytes = 32, .first_cells = cells, .largest_cells = 16, .maxsize = maxsize};
}

class QueueCoreTest : public testing::Test {
protected:
    // A process that lives and does nothing by itself, and one that is about to have died.
    Owner me_, other_, victim_;
    std::optional<QueueWorld> world_;

    QueueCore& make(const QueueCore::Options& options) {
        world_.emplace(options);
        me_ = world_->roster.reserve();
        other_ = world_->roster.reserve();
        victim_ = world_->roster.reserve();
        return *world_->queue;
    }
    void victim_dies() { world_->roster.bury(victim_, cohort::ExitStatus::signaled(9)); }
    void put(std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t number = first; number <= last; ++number) ASSERT_TRUE(world_->put(number, me_)) << number;
    }
    void expect(std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t number = first; number <= last; ++number) ASSERT_EQ(world_->get(me_), number);
    }
    Numbers put_many(std::uint64_t first, std::uint32_t count) {
        const auto cells = world_->queue->claim(me_, now(), count);
        Numbers numbers;
        for (std::uint32_t i = 0; i != cells.count; ++i) {
            world_->write(cells, i, first + i);
            numbers.push_back(first + i);
        }
        if (cells) world_->queue->commit(cells);
        return numbers;
    }
    Numbers get_many(std::uint32_t count) {
        const auto cells = world_->queue->take(me_, now(), count);
        Numbers numbers;
        for (std::uint32_t i = 0; i != cells.count; ++i) numbers.push_back(world_->read(cells, i));
        if (cells) world_->queue->release(cells);
        return numbers;
    }
    static QueueCore::Until now() { return std::chrono::steady_clock::now(); }
};

TEST_F(QueueCoreTest, a_full_ring_gets_a_larger_one_behind_it) {
    QueueCore& queue = make(kSmall);
    put(1, 100);
    EXPECT_EQ(queue.size(), 100U);
    EXPECT_GT(queue.memory().rings, 3U);
    expect(1, 100);
    EXPECT_EQ(world_->get(me_), 0U);
    EXPECT_EQ(world_->last_status, RingStatus::empty);
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(QueueCoreTest, a_queue_that_stays_short_stays_in_one_ring) {
    QueueCore& queue = make(kSmall);
    for (std::uint64_t number = 1; number != 1000; number += 3) {
        put(number, number + 2);
        expect(number, number + 2);
    }
    EXPECT_EQ(queue.memory().rings, 1U);
}

TEST_F(QueueCoreTest, rings_that_were_left_are_used_again) {
    QueueCore& queue = make(kSmall);
    put(1, 100);
    expect(1, 100);
    const auto memory = queue.memory();
    for (std::uint64_t number = 101; number != 10'101; number += 100) {
        put(number, number + 99);
        EXPECT_EQ(queue.size(), 100U);
        expect(number, number + 99);
        EXPECT_EQ(queue.size(), 0U);
    }
    // The first burst went through the small rings, too.
    EXPECT_LE(queue.memory().rings, memory.rings + 2);
}

TEST_F(QueueCoreTest, puts_and_gets_go_on_while_a_taker_holds_an_old_ring) {
    QueueCore& queue = make(kSmall);
    put(1, 2);
    const auto held = queue.take(other_, now());
    ASSERT_TRUE(held);
    put(3, 60);
    expect(2, 60);
    for (std::uint64_t number = 61; number != 461; number += 40) {
        put(number, number + 39);
        expect(number, number + 39);
    }
    EXPECT_EQ(world_->read(held), 1U);
    queue.release(held);
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(QueueCoreTest, lack_of_memory_leaves_the_queue_whole) {
    QueueCore& queue = make(kSmall);
    put(1, 4);
    world_->refuse_memory = true;
    EXPECT_THROW(world_->put(5, me_), std::bad_alloc);
    EXPECT_THROW(world_->put(5, me_), std::bad_alloc);
    EXPECT_EQ(queue.size(), 4U);
    expect(1, 2);
    world_->refuse_memory = false;
    put(5, 20);
    expect(3, 20);
    world_->refuse_memory = true;
    put(21, 24);
    queue.close(me_);
    expect(21, 24);
}

TEST_F(QueueCoreTest, maxsize_is_exact) {
    for (const std::uint64_t maxsize : {1U, 2U, 3U, 4U, 5U, 16U, 50U}) {
        QueueCore& queue = make(bounded(maxsize));
        for (std::uint64_t lap = 0; lap != 3; ++lap) {
            put(1, maxsize);
            EXPECT_FALSE(world_->put(maxsize + 1, me_));
            EXPECT_EQ(world_->last_status, RingStatus::full);
            EXPECT_EQ(queue.size(), maxsize);
            EXPECT_EQ(world_->get(me_), 1U);
            put(maxsize + 1, maxsize + 1);
            EXPECT_FALSE(world_->put(maxsize + 2, me_));
            expect(2, maxsize + 1);
        }
    }
}

TEST_F(QueueCoreTest, a_dead_producers_claim_takes_no_room) {
    for (const std::uint64_t maxsize : {1U, 2U, 3U, 4U}) {
        QueueCore& queue = make(bounded(maxsize));
        ASSERT_TRUE(queue.claim(victim_, now()));
        put(2, maxsize);
        EXPECT_FALSE(world_->put(maxsize + 1, me_));
        victim_dies();
        put(maxsize + 1, maxsize + 1);
        EXPECT_FALSE(world_->put(maxsize + 2, me_));
        EXPECT_EQ(queue.size(), maxsize);
        expect(2, maxsize + 1);
        EXPECT_EQ(queue.lost(), 0U);
    }
}

TEST_F(QueueCoreTest, a_dead_producers_claim_behind_items_takes_no_room) {
    QueueCore& queue = make(bounded(4));
    put(1, 3);
    ASSERT_TRUE(queue.claim(victim_, now()));
    victim_dies();
    put(4, 4);
    EXPECT_FALSE(world_->put(5, me_));
    EXPECT_EQ(queue.size(), 4U);
    expect(1, 4);
}

TEST_F(QueueCoreTest, a_dead_takers_item_is_lost_shown_and_counted) {
    QueueCore& queue = make(bounded(4));
    put(1, 4);
    ASSERT_TRUE(queue.take(victim_, now()));
    EXPECT_EQ(queue.lost(), 0U);
    victim_dies();
    put(5, 5);
    queue.sweep(victim_, &QueueWorld::note_lost, &*world_);
    EXPECT_EQ(queue.lost(), 1U);
    EXPECT_EQ(world_->lost, Numbers{1});
    expect(2, 5);
}

TEST_F(QueueCoreTest, a_sweep_reaches_every_ring_of_the_chain) {
    QueueCore& queue = make(kSmall);
    put(1, 20);
    for (std::uint64_t number = 1; number <= 20; ++number)
        if (number % 2 == 0) {
            ASSERT_TRUE(queue.take(victim_, now()));
        } else {
            EXPECT_EQ(world_->get(me_), number);
        }
    EXPECT_EQ(queue.sweep(victim_, &QueueWorld::note_lost, &*world_), 10U);
    EXPECT_EQ(queue.lost(), 10U);
    EXPECT_EQ(world_->lost.size(), 10U);
    EXPECT_EQ(queue.sweep(victim_, &QueueWorld::note_lost, &*world_), 0U);
}

TEST_F(QueueCoreTest, a_stretch_is_claimed_and_taken_at_once) {
    make(kSmall);
    EXPECT_EQ(put_many(1, 3).size(), 3U);
    EXPECT_EQ(get_many(10), (Numbers{1, 2, 3}));
    // One cell is left before the first lap ends, three after it.
    EXPECT_EQ(put_many(4, 10), (Numbers{4, 5, 6, 7}));
    EXPECT_EQ(put_many(8, 3), (Numbers{8, 9, 10}));
    EXPECT_EQ(get_many(10), (Numbers{4, 5, 6, 7}));
    EXPECT_EQ(get_many(2), (Numbers{8, 9}));
    EXPECT_EQ(get_many(2), (Numbers{10}));
    EXPECT_EQ(get_many(2), Numbers{});
}

TEST_F(QueueCoreTest, a_stretch_is_bounded_by_maxsize) {
    make(bounded(3, 16));
    EXPECT_EQ(put_many(1, 10), (Numbers{1, 2, 3}));
    EXPECT_EQ(put_many(4, 10), Numbers{});
    EXPECT_EQ(get_many(1), Numbers{1});
    EXPECT_EQ(put_many(4, 10), Numbers{4});
}

TEST_F(QueueCoreTest, a_stretch_can_be_given_up_in_the_middle) {
    QueueCore& queue = make(bounded(8, 16));
    const auto cells = queue.claim(me_, now(), 5);
    ASSERT_EQ(cells.count, 5U);
    for (std::uint32_t i = 0; i != 2; ++i) {
        world_->write(cells, i, i + 1);
        queue.publish(cells, i);
    }
    queue.finish(cells, 2);
    EXPECT_EQ(queue.size(), 2U);
    put(3, 8);
    EXPECT_FALSE(world_->put(9, me_));
    expect(1, 8);
}

TEST_F(QueueCoreTest, the_stretch_of_the_dead_is_skipped) {
    QueueCore& queue = make(kSmall);
    ASSERT_EQ(queue.claim(victim_, now(), 3).count, 3U);
    put(1, 10);
    victim_dies();
    expect(1, 10);
    EXPECT_EQ(queue.size(), 0U);
}

TEST_F(QueueCoreTest, after_close_puts_fail_and_takers_get_what_is_left) {
    for (const std::uint64_t count : {0U, 1U, 4U, 30U}) {
        QueueCore& queue = make(kSmall);
        put(1, count);
        EXPECT_FALSE(queue.closed());
        queue.close(me_);
        queue.close(me_);
        EXPECT_TRUE(queue.closed());
        EXPECT_FALSE(world_->put(count + 1, me_));
        EXPECT_EQ(world_->last_status, RingStatus::ended);
        expect(1, count);
        EXPECT_EQ(world_->get(me_), 0U);
        EXPECT_EQ(world_->last_status, RingStatus::ended);
    }
}

TEST_F(QueueCoreTest, a_put_that_began_before_close_comes_out) {
    QueueCore& queue = make(bounded(4));
    const auto begun = queue.claim(other_, now());
    queue.close(me_);
    world_->write(begun, 0, 1);
    queue.commit(begun);
    EXPECT_EQ(world_->get(me_), 1U);
    EXPECT_EQ(world_->get(me_), 0U);
    EXPECT_EQ(world_->last_status, RingStatus::ended);
}

TEST_F(QueueCoreTest, a_close_can_discard_what_is_left) {
    QueueCore& queue = make(kSmall);
    put(1, 30);
    Numbers shown;
    const auto show = [](void* context, std::uint64_t, const std::byte* data) noexcept {
        static_cast<Numbers*>(context)->push_back(QueueWorld::number_in(data));
    };
    EXPECT_EQ(queue.close_and_discard(me_, show, &shown, {}), 30U);
    EXPECT_EQ(shown.size(), 30U);
    EXPECT_EQ(queue.size(), 0U);
    EXPECT_EQ(queue.lost(), 0U);
    EXPECT_EQ(world_->get(me_), 0U);
    EXPECT_EQ(world_->last_status, RingStatus::ended);
}

TEST_F(QueueCoreTest, a_stopped_put_holds_up_takers_not_longer_than_they_wait) {
    QueueCore& queue = make(kSmall);
    ForkedChild child([&] {
        world_->roster.enter(other_);
        const auto slow = queue.claim(other_, now());
        ::raise(SIGSTOP);
        world_->write(slow, 0, 1);
        queue.commit(slow);
    });
    while (!world_->roster.is_stopped(other_)) std::this_thread::yield();
    put(2, 2);
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(world_->get(me_, now()), 0U);
    EXPECT_EQ(world_->last_status, RingStatus::empty);
    EXPECT_EQ(world_->get(me_, *now() + std::chrono::milliseconds(2)), 0U);
    child.kill(SIGCONT);
    EXPECT_EQ(world_->get(me_, {}), 1U);
    expect(2, 2);
    EXPECT_TRUE(child.wait().success());
    world_->roster.bury(other_, cohort::ExitStatus::exited(0));
}

TEST_F(QueueCoreTest, a_put_whose_process_dies_is_not_waited_for) {
    QueueCore& queue = make(kSmall);
    ForkedChild child([&] {
        world_->roster.enter(victim_);
        queue.claim(victim_, now());
        ::raise(SIGSTOP);
    });
    while (!world_->roster.is_stopped(victim_)) std::this_thread::yield();
    put(2, 2);
    std::thread killer([&] { child.kill(); });
    EXPECT_EQ(world_->get(me_, {}), 2U);
    killer.join();
    EXPECT_EQ(child.wait().signal(), SIGKILL);
}

TEST_F(QueueCoreTest, waits_end_at_their_deadline) {
    make(bounded(1));
    const auto begin = std::chrono::steady_clock::now();
    const auto until = begin + std::chrono::milliseconds(20);
    EXPECT_EQ(world_->get(me_, until), 0U);
    EXPECT_GE(std::chrono::steady_clock::now(), until);
    put(1, 1);
    EXPECT_FALSE(world_->put(2, me_, until + std::chrono::milliseconds(20)));
    EXPECT_GE(std::chrono::steady_clock::now(), until + std::chrono::milliseconds(20));
}

TEST_F(QueueCoreTest, zeroed_memory_is_no_queue) {
    make(kSmall);
    auto memory = cohort::test::shared_memory(4096);
    EXPECT_THROW(QueueCore(memory.data(), world_->rings(), world_->roster), std::runtime_error);
}

// Several producers and consumers move numbered items, one or several at a time; each consumer checks the order of each
// producer.
struct QueueCrowd {
    static constexpr std::uint64_t kEach = 10'000;
    static constexpr std::uint32_t kProducers = 2;
    static constexpr std::uint32_t kConsumers = 2;
    struct Result {
        std::uint64_t count;
        std::uint64_t sum;
    };
    QueueWorld world;
    cohort::test::Shared<std::array<Result, kConsumers>> results;
    std::vector<Owner> owners;

    explicit QueueCrowd(std::uint64_t maxsize) : world(bounded(maxsize), std::size_t{8} << 20) {
        for (std::uint32_t i = 0; i != kProducers + kConsumers + 1; ++i) owners.push_back(world.roster.reserve());
    }

    static std::uint64_t number_of(std::uint32_t producer, std::uint64_t index) {
        return std::uint64_t{producer} << 32 | index;
    }
    void produce(std::uint32_t producer) {
        const Owner me = owners[producer];
        for (std::uint64_t index = 1; index <= kEach;) {
            const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(1 + index % 5, kEach - index + 1));
            const auto cells = world.queue->claim(me, {}, most);
            ASSERT_TRUE(cells);
            for (std::uint32_t i = 0; i != cells.count; ++i) world.write(cells, i, number_of(producer, index++));
            world.queue->commit(cells);
        }
    }
    void consume(std::uint32_t consumer) {
        const Owner me = owners[kProducers + consumer];
        std::uint64_t last[kProducers] = {};
        for (std::uint32_t most = 1;; most = most % 4 + 1) {
            const auto cells = world.queue->take(me, {}, most);
            if (cells.status == RingStatus::ended) return;
            ASSERT_TRUE(cells);
            for (std::uint32_t i = 0; i != cells.count; ++i) {
                const std::uint64_t number = world.read(cells, i);
                const std::uint64_t producer = number >> 32;
                const std::uint64_t index = number & 0xffffffff;
                ASSERT_LT(producer, kProducers) << "torn";
                EXPECT_GT(index, last[producer]);
                last[producer] = index;
                ++(*results)[consumer].count;
                (*results)[consumer].sum += index;
            }
            world.queue->release(cells);
        }
    }
    void close() { world.queue->close(owners.back()); }
    void check() const {
        std::uint64_t count = 0;
        std::uint64_t sum = 0;
        for (const Result& result : *results) {
            count += result.count;
            sum += result.sum;
        }
        EXPECT_EQ(count, kProducers * kEach);
        EXPECT_EQ(sum, kProducers * kEach * (kEach + 1) / 2);
        EXPECT_EQ(world.queue->size(), 0U);
    }
};

class QueueCrowdTest : public testing::TestWithParam<int> {};

TEST_P(QueueCrowdTest, processes_lose_double_and_reorder_nothing) {
    QueueCrowd crowd(static_cast<std::uint64_t>(GetParam()));
    std::vector<ForkedChild> producers;
    std::vector<ForkedChild> consumers;
    for (std::uint32_t i = 0; i != QueueCrowd::kConsumers; ++i) consumers.emplace_back([&] { crowd.consume(i); });
    for (std::uint32_t i = 0; i != QueueCrowd::kProducers; ++i) producers.emplace_back([&] { crowd.produce(i); });
    for (auto& child : producers) EXPECT_TRUE(child.wait().success());
    crowd.close();
    for (auto& child : consumers) EXPECT_TRUE(child.wait().success());
    crowd.check();
}

TEST_P(QueueCrowdTest, threads_lose_double_and_reorder_nothing) {
    QueueCrowd crowd(static_cast<std::uint64_t>(GetParam()));
    std::vector<std::thread> producers;
    std::vector<std::thread> consumers;
    for (std::uint32_t i = 0; i != QueueCrowd::kConsumers; ++i) consumers.emplace_back([&, i] { crowd.consume(i); });
    for (std::uint32_t i = 0; i != QueueCrowd::kProducers; ++i) producers.emplace_back([&, i] { crowd.produce(i); });
    for (auto& thread : producers) thread.join();
    crowd.close();
    for (auto& thread : consumers) thread.join();
    crowd.check();
}

INSTANTIATE_TEST_SUITE_P(Maxsize, QueueCrowdTest, testing::Values(0, 1, 7, 100));

}  // namespace
