// SPDX-License-Identifier: MIT
// Producers and consumers of one queue, each killed with SIGKILL at a random moment and replaced, again and again. In
// the end every item has to be accounted for, and the queue has no more rings than it needed at once.
#include "support/counts.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/queue_world.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using cohort::os::Mapping;
using cohort::shm::Owner;
using cohort::shm::QueueCore;
using cohort::shm::RingStatus;
using cohort::test::ForkedChild;
using cohort::test::QueueWorld;

namespace {

constexpr std::uint64_t kMostItems = 20'000;  // of one producer

// What a producer has to say for itself, and what the consumers saw of it.
struct Record {
    std::atomic<std::uint64_t> committed;
    std::atomic<std::uint8_t> seen[kMostItems];
};

class QueueArena {
public:
    QueueArena(std::size_t kills, std::uint64_t maxsize)
        : world_({.cell_bytes = 32, .first_cells = 4, .largest_cells = 16, .maxsize = maxsize}),
          memory_(Mapping::map_anonymous_shared((kills + kProducers) * sizeof(Record))),
          records_(reinterpret_cast<Record*>(memory_.data())),
          closer_(world_.roster.reserve()) {}

    void run(std::size_t kills, unsigned seed) {
        std::mt19937 random(seed);
        for (std::uint32_t slot = 0; slot != kSlots; ++slot) start(slot);
        for (std::size_t kill = 0; kill != kills; ++kill) {
            linger(random);
            const auto victim = static_cast<std::uint32_t>(random() % kSlots);
            children_[victim]->kill();
            bury(victim);
            start(victim);
        }
        for (std::uint32_t slot = 0; slot != kProducers; ++slot) {
            children_[slot]->kill();
            bury(slot);
        }
        world_.queue->close(closer_);
        for (std::uint32_t slot = kProducers; slot != kSlots; ++slot) EXPECT_TRUE(bury(slot).success());
    }

    void check() const {
        std::uint64_t committed = 0;
        std::uint64_t missing = 0;
        for (std::uint64_t producer = 0; producer != producers_; ++producer) {
            const std::uint64_t count = records_[producer].committed;
            committed += count;
            for (std::uint64_t index = 0; index != kMostItems; ++index) {
                const unsigned times = records_[producer].seen[index];
                EXPECT_LE(times, 1U) << "twice: " << producer << ", " << index;
                EXPECT_TRUE(times == 0 || index < count + kStretch) << "never put: " << producer << ", " << index;
                if (index < count && times == 0) ++missing;
            }
        }
        EXPECT_LE(missing, world_.queue->lost());
        EXPECT_LE(world_.queue->lost(), killed_consumers_ * kStretch);
        EXPECT_EQ(world_.queue->size(), 0U);
        EXPECT_GT(committed, 0U);
        // The items that there may be at once, one ring that is being left, one that is linked, and those of which the
        // dead held cells.
        EXPECT_LE(world_.queue->memory().rings, world_.queue->maxsize() / 8 + 8 + kSlots);
        std::cout << committed << " items, " << world_.queue->lost() << " lost with " << killed_consumers_
                  << " consumers, " << world_.queue->memory().rings << " rings\n";
    }

private:
    static constexpr std::uint32_t kProducers = 2;
    static constexpr std::uint32_t kSlots = 4;
    static constexpr std::uint32_t kStretch = 4;

    // A pause of random length, most often short: that is when the child is being set up, or has just begun.
    static void linger(std::mt19937& random) {
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::microseconds(random() % (1U << random() % 12));
        while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    }

    void start(std::uint32_t slot) {
        const Owner owner = world_.roster.reserve();
        ASSERT_FALSE(owner.is_nobody());
        owners_[slot] = owner;
        const std::uint64_t producer = slot < kProducers ? producers_++ : 0;
        children_[slot].emplace([&, owner, slot, producer] {
            world_.roster.enter(owner);
            slot < kProducers ? produce(owner, producer) : consume(owner);
        });
    }

    cohort::ExitStatus bury(std::uint32_t slot) {
        const auto status = children_[slot]->wait();
        if (slot >= kProducers && !status.success()) ++killed_consumers_;
        world_.roster.bury(owners_[slot], status);
        world_.queue->sweep(owners_[slot], nullptr, nullptr);
        world_.roster.retire(owners_[slot]);
        children_[slot].reset();
        return status;
    }

    void produce(Owner me, std::uint64_t producer) {
        for (std::uint64_t index = 0; index != kMostItems;) {
            const auto most = static_cast<std::uint32_t>(std::min(1 + index % kStretch, kMostItems - index));
            const auto cells = world_.queue->claim(me, {}, most);
            ASSERT_TRUE(cells);
            for (std::uint32_t i = 0; i != cells.count; ++i) world_.write(cells, i, producer << 32 | index++);
            world_.queue->commit(cells);
            records_[producer].committed = index;
        }
        for (;;) ::pause();  // until it is killed
    }

    void consume(Owner me) {
        std::map<std::uint64_t, std::uint64_t> next;
        for (std::uint32_t most = 1;; most = most % kStretch + 1) {
            const auto cells = world_.queue->take(me, {}, most);
            if (cells.status == RingStatus::ended) return;
            ASSERT_TRUE(cells);
            for (std::uint32_t i = 0; i != cells.count; ++i) {
                const std::uint64_t number = world_.read(cells, i);
                ASSERT_NE(number, ~std::uint64_t{0}) << "torn";
                const std::uint64_t producer = number >> 32;
                const std::uint64_t index = number & 0xffffffff;
                ASSERT_GE(index, next[producer]) << "out of order";
                next[producer] = index + 1;
                records_[producer].seen[index].fetch_add(1);
                world_.queue->release(cells, i);
            }
        }
    }

    QueueWorld world_;
    Mapping memory_;
    Record* records_;
    Owner closer_;
    std::array<Owner, kSlots> owners_{};
    std::array<std::optional<ForkedChild>, kSlots> children_;
    std::uint64_t producers_ = 0;
    std::uint64_t killed_consumers_ = 0;
};

void kill_in_queue(std::uint64_t maxsize, unsigned seed) {
    const std::size_t kills = cohort::test::repetitions(2'500);
    auto arena = std::make_unique<QueueArena>(kills, maxsize);
    std::cout << "seed " << seed << ", " << kills << " kills\n";
    arena->run(kills, seed);
    arena->check();
}

TEST(QueueRandomKills, a_short_queue_accounts_for_every_item) {
    kill_in_queue(3, 1);
}
TEST(QueueRandomKills, a_chain_of_rings_accounts_for_every_item) {
    kill_in_queue(100, 2);
}

}  // namespace
