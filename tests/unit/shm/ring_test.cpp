// SPDX-License-Identifier: MIT
#include "shm/ring.hpp"

#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using cohort::shm::Liveness;
using cohort::shm::Owner;
using cohort::shm::Ring;
using cohort::shm::RingStatus;

namespace {

constexpr Owner kMe(1, 1);
constexpr Owner kOther(2, 1);
constexpr Owner kDead(3, 1);

bool is_in(const void* context, Owner owner) noexcept {
    return static_cast<const std::set<std::uint32_t>*>(context)->count(owner.raw()) != 0;
}

class RingTest : public testing::Test {
protected:
    static constexpr Ring::Shape kShape{4, 64};
    cohort::os::Mapping memory_ = cohort::test::shared_memory(Ring::bytes(kShape));
    std::set<std::uint32_t> dead_;
    Ring ring_ = make();

    Ring make() {
        Ring::format(memory_.data(), kShape);
        return Ring(memory_.data(), Liveness{is_in, &dead_});
    }
    RingStatus put(std::uint64_t value, Owner owner = kMe) {
        auto slot = ring_.try_claim(owner);
        if (!slot) return slot.status;
        std::memcpy(slot.data, &value, sizeof value);
        ring_.commit(slot);
        return slot.status;
    }
    // The value, or 0 if there was none.
    std::uint64_t get(Owner owner = kMe) {
        auto slot = ring_.try_take(owner);
        last_status_ = slot.status;
        if (!slot) return 0;
        const std::uint64_t value = value_in(slot);
        ring_.release(slot);
        return value;
    }
    static std::uint64_t value_in(const Ring::Take& slot) {
        std::uint64_t value;
        std::memcpy(&value, slot.data, sizeof value);
        return value;
    }
    RingStatus last_status_ = RingStatus::done;
};

TEST_F(RingTest, gives_items_in_the_order_of_their_puts) {
    for (std::uint64_t lap = 0; lap != 5; ++lap) {
        for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(put(10 * lap + i), RingStatus::done);
        EXPECT_EQ(ring_.size(), 3U);
        for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(get(), 10 * lap + i);
    }
    EXPECT_EQ(get(), 0U);
    EXPECT_EQ(last_status_, RingStatus::empty);
}

TEST_F(RingTest, is_full_when_every_cell_has_an_item) {
    for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(put(i), RingStatus::done);
    EXPECT_FALSE(ring_.writable());
    EXPECT_EQ(put(5), RingStatus::full);
    EXPECT_EQ(get(), 1U);
    EXPECT_TRUE(ring_.writable());
    EXPECT_EQ(put(5), RingStatus::done);
}

TEST_F(RingTest, is_full_while_the_oldest_item_is_still_read) {
    for (std::uint64_t i = 1; i <= 4; ++i) put(i);
    auto slot = ring_.try_take(kMe);
    EXPECT_EQ(put(5), RingStatus::full);
    ring_.release(slot);
    EXPECT_EQ(put(5), RingStatus::done);
}

TEST_F(RingTest, is_empty_while_the_last_item_of_the_previous_lap_is_still_read) {
    for (std::uint64_t i = 1; i <= 4; ++i) put(i);
    std::vector<Ring::Take> slots;
    for (int i = 0; i != 4; ++i) slots.push_back(ring_.try_take(kMe));
    EXPECT_FALSE(ring_.readable());
    EXPECT_EQ(get(), 0U);
    EXPECT_EQ(last_status_, RingStatus::empty);
    for (auto& slot : slots) ring_.release(slot);
}

TEST_F(RingTest, a_put_in_progress_at_the_head_is_waited_for) {
    auto slow = ring_.try_claim(kOther);
    EXPECT_EQ(put(2), RingStatus::done);
    EXPECT_EQ(ring_.size(), 2U);
    EXPECT_FALSE(ring_.readable());
    EXPECT_EQ(get(), 0U);
    EXPECT_EQ(last_status_, RingStatus::pending);
    const std::uint64_t one = 1;
    std::memcpy(slow.data, &one, sizeof one);
    ring_.commit(slow);
    EXPECT_EQ(get(), 1U);
    EXPECT_EQ(get(), 2U);
}

TEST_F(RingTest, a_dead_producers_claim_is_skipped_by_the_consumer_that_meets_it) {
    ring_.try_claim(kDead);
    put(2);
    dead_.insert(kDead.raw());
    EXPECT_EQ(get(), 2U);
    EXPECT_EQ(ring_.size(), 0U);
    EXPECT_EQ(ring_.lost(), 0U);
}

TEST_F(RingTest, a_dead_producers_claim_in_a_full_ring_is_skipped) {
    ring_.try_claim(kDead);
    for (std::uint64_t i = 2; i <= 4; ++i) put(i);
    dead_.insert(kDead.raw());
    EXPECT_EQ(put(5), RingStatus::full);
    for (std::uint64_t i = 2; i <= 4; ++i) EXPECT_EQ(get(), i);
    for (std::uint64_t i = 5; i <= 8; ++i) EXPECT_EQ(put(i), RingStatus::done);
    for (std::uint64_t i = 5; i <= 8; ++i) EXPECT_EQ(get(), i);
}

TEST_F(RingTest, a_dead_takers_item_is_lost_and_counted_by_the_producer_that_meets_it) {
    for (std::uint64_t i = 1; i <= 4; ++i) put(i);
    EXPECT_EQ(value_in(ring_.try_take(kDead)), 1U);
    EXPECT_EQ(put(5), RingStatus::full);
    dead_.insert(kDead.raw());
    EXPECT_EQ(put(5), RingStatus::done);
    EXPECT_EQ(ring_.lost(), 1U);
    for (std::uint64_t i = 2; i <= 5; ++i) EXPECT_EQ(get(), i);
}

TEST_F(RingTest, nobody_is_taken_for_dead_without_a_liveness) {
    Ring blind(memory_.data());
    for (std::uint64_t i = 1; i <= 4; ++i) put(i);
    blind.try_take(kDead);
    dead_.insert(kDead.raw());
    EXPECT_EQ(blind.try_claim(kMe).status, RingStatus::full);
}

TEST_F(RingTest, a_sweep_shows_lost_items_and_skips_claims) {
    for (std::uint64_t i = 1; i <= 3; ++i) put(i);
    ring_.try_take(kDead);
    ring_.try_take(kOther);
    ring_.try_claim(kDead);
    EXPECT_EQ(put(5), RingStatus::full);
    std::vector<std::uint64_t> shown;
    auto show = [](void* context, std::uint64_t, const std::byte* data) noexcept {
        std::uint64_t value;
        std::memcpy(&value, data, sizeof value);
        static_cast<std::vector<std::uint64_t>*>(context)->push_back(value);
    };
    EXPECT_EQ(ring_.sweep(kDead, show, &shown), 1U);
    EXPECT_EQ(shown, std::vector<std::uint64_t>{1});
    EXPECT_EQ(ring_.sweep(kDead, show, &shown), 0U);
    EXPECT_EQ(ring_.lost(), 1U);
    EXPECT_EQ(put(5), RingStatus::done);
    EXPECT_EQ(get(), 3U);
    EXPECT_EQ(get(), 5U);
}

TEST_F(RingTest, a_sweep_leaves_the_items_that_the_dead_had_put) {
    put(1, kDead);
    EXPECT_EQ(ring_.sweep(kDead, nullptr, nullptr), 0U);
    EXPECT_EQ(get(), 1U);
}

TEST_F(RingTest, after_close_puts_fail_and_takers_get_what_is_left) {
    put(1);
    auto begun = ring_.try_claim(kOther);
    ring_.close();
    ring_.close();
    EXPECT_EQ(put(3), RingStatus::ended);
    EXPECT_TRUE(ring_.writable());  // there is something to learn: the end
    const std::uint64_t two = 2;
    std::memcpy(begun.data, &two, sizeof two);
    ring_.commit(begun);
    EXPECT_EQ(get(), 1U);
    EXPECT_EQ(get(), 2U);
    EXPECT_TRUE(ring_.readable());
    EXPECT_EQ(get(), 0U);
    EXPECT_EQ(last_status_, RingStatus::ended);
}

TEST_F(RingTest, a_full_ring_can_be_closed) {
    for (std::uint64_t i = 1; i <= 4; ++i) put(i);
    ring_.close();
    EXPECT_EQ(put(5), RingStatus::ended);
    for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(get(), i);
    EXPECT_EQ(get(), 0U);
    EXPECT_EQ(last_status_, RingStatus::ended);
}

TEST_F(RingTest, closing_a_full_ring_keeps_the_trace_of_a_dead_producer) {
    ring_.try_claim(kDead);
    for (std::uint64_t i = 2; i <= 4; ++i) put(i);
    dead_.insert(kDead.raw());
    ring_.close();
    for (std::uint64_t i = 2; i <= 4; ++i) EXPECT_EQ(get(), i);
    EXPECT_EQ(get(), 0U);
    EXPECT_EQ(last_status_, RingStatus::ended);
}

TEST_F(RingTest, closing_a_full_ring_waits_for_no_put) {
    auto slow = ring_.try_claim(kOther);
    for (std::uint64_t i = 2; i <= 4; ++i) put(i);
    ring_.close();
    EXPECT_EQ(put(5), RingStatus::ended);
    EXPECT_FALSE(ring_.readable());
    const std::uint64_t one = 1;
    std::memcpy(slow.data, &one, sizeof one);
    ring_.commit(slow);
    for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(get(), i);
    EXPECT_EQ(get(), 0U);
    EXPECT_EQ(last_status_, RingStatus::ended);
}

TEST_F(RingTest, an_idle_ring_can_be_opened_again) {
    for (std::uint64_t lap = 0; lap != 9; ++lap) {
        put(1);
        ring_.end();
        EXPECT_EQ(put(2), RingStatus::ended);
        EXPECT_FALSE(ring_.idle_since());
        EXPECT_EQ(get(), 1U);
        const auto ticket = ring_.idle_since();
        ASSERT_TRUE(ticket);
        // Whoever did it may have died in between: it can be done again, also late.
        ring_.reopen(*ticket);
        ring_.reopen(*ticket);
        EXPECT_EQ(ring_.size(), 0U);
        put(2);
        ring_.reopen(*ticket);
        EXPECT_EQ(get(), 2U);
        ring_.reopen(*ticket);
        EXPECT_EQ(get(), 0U);
        EXPECT_EQ(last_status_, RingStatus::empty);
    }
}

TEST_F(RingTest, producers_are_to_be_woken_at_every_eighth_of_the_cells) {
    constexpr Ring::Shape kLarge{64, 16};
    auto memory = cohort::test::shared_memory(Ring::bytes(kLarge));
    Ring::format(memory.data(), kLarge);
    Ring ring(memory.data());
    EXPECT_EQ(ring.item_bytes(), 8U);
    int wakes = 0;
    for (int i = 0; i != 64; ++i) {
        ring.commit(ring.try_claim(kMe));
        wakes += ring.release(ring.try_take(kMe)) ? 1 : 0;
    }
    EXPECT_EQ(wakes, 8);
}

TEST(Ring, zeroed_memory_is_no_ring) {
    auto memory = cohort::test::shared_memory(4096);
    EXPECT_THROW(Ring ring(memory.data()), std::runtime_error);
}

// Several producers and consumers move numbered items; each consumer checks the order of each producer.
struct Crowd {
    static constexpr std::uint64_t kEach = 20'000;
    static constexpr std::uint32_t kProducers = 2;
    static constexpr std::uint32_t kConsumers = 2;
    static constexpr Ring::Shape kShape{64, 32};
    struct Item {
        std::uint64_t producer;
        std::uint64_t number;
    };
    struct Result {
        std::uint64_t count;
        std::uint64_t sum;
    };
    cohort::os::Mapping memory = cohort::test::shared_memory(Ring::bytes(kShape));
    cohort::test::Shared<std::array<Result, kConsumers>> results;
    Crowd() { Ring::format(memory.data(), kShape); }

    void produce(std::uint32_t producer) {
        Ring ring(memory.data());
        const Owner me(10 + producer, 1);
        for (std::uint64_t number = 1; number <= kEach; ++number) {
            auto slot = ring.try_claim(me);
            for (; !slot; slot = ring.try_claim(me)) std::this_thread::yield();
            const Item item{producer, number};
            std::memcpy(slot.data, &item, sizeof item);
            ring.commit(slot);
        }
    }
    void consume(std::uint32_t consumer) {
        Ring ring(memory.data());
        const Owner me(20 + consumer, 1);
        std::uint64_t last[kProducers] = {};
        for (;;) {
            const auto slot = ring.try_take(me);
            if (slot.status == RingStatus::ended) return;
            if (!slot) {
                std::this_thread::yield();
                continue;
            }
            Item item;
            std::memcpy(&item, slot.data, sizeof item);
            ring.release(slot);
            EXPECT_GT(item.number, last[item.producer]);
            last[item.producer] = item.number;
            ++(*results)[consumer].count;
            (*results)[consumer].sum += item.number;
        }
    }
    void check() {
        std::uint64_t count = 0;
        std::uint64_t sum = 0;
        for (const Result& result : *results) {
            count += result.count;
            sum += result.sum;
        }
        EXPECT_EQ(count, kProducers * kEach);
        EXPECT_EQ(sum, kProducers * kEach * (kEach + 1) / 2);
    }
};

TEST(Ring, processes_lose_double_and_reorder_nothing) {
    Crowd crowd;
    std::vector<cohort::test::ForkedChild> producers;
    std::vector<cohort::test::ForkedChild> consumers;
    for (std::uint32_t i = 0; i != Crowd::kConsumers; ++i) consumers.emplace_back([&] { crowd.consume(i); });
    for (std::uint32_t i = 0; i != Crowd::kProducers; ++i) producers.emplace_back([&] { crowd.produce(i); });
    for (auto& child : producers) EXPECT_TRUE(child.wait().success());
    Ring(crowd.memory.data()).close();
    for (auto& child : consumers) EXPECT_TRUE(child.wait().success());
    crowd.check();
}

TEST(Ring, threads_lose_double_and_reorder_nothing) {
    Crowd crowd;
    std::vector<std::thread> producers;
    std::vector<std::thread> consumers;
    for (std::uint32_t i = 0; i != Crowd::kConsumers; ++i) consumers.emplace_back([&, i] { crowd.consume(i); });
    for (std::uint32_t i = 0; i != Crowd::kProducers; ++i) producers.emplace_back([&, i] { crowd.produce(i); });
    for (auto& thread : producers) thread.join();
    Ring(crowd.memory.data()).close();
    for (auto& thread : consumers) thread.join();
    crowd.check();
}

}  // namespace
