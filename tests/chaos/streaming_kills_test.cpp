// SPDX-License-Identifier: MIT
// Producers and consumers of long messages, each killed or stopped at a random moment, again and again. In the end
// every item has to be accounted for, and no memory has stayed.
#include <cohort/channel/queue.hpp>

#include "channel/cut_through.hpp"
#include "os/mapping.hpp"
#include "support/counts.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using channel::cut_through_sizes;
using Item = std::vector<std::uint32_t>;

constexpr std::uint32_t kMostItems = 5'000;  // of one producer

// What a producer has to say for itself, and what the consumers saw of it.
struct Record {
    std::atomic<std::uint32_t> committed;
    std::atomic<std::uint8_t> seen[kMostItems];
};

/// Children that put or get until they are killed. Each kind has two of them.
class World {
public:
    World(std::size_t kills, unsigned seed)
        : random_(seed),
          memory_(os::Mapping::map_anonymous_shared((kills + kEach) * sizeof(Record))),
          records_(reinterpret_cast<Record*>(memory_.data())) {}

    void run(std::size_t kills) {
        for (std::size_t slot = 0; slot != kSlots; ++slot) start(slot);
        for (std::size_t kill = 0; kill != kills; ++kill) {
            linger();
            const std::size_t stopped = random_() % kSlots;
            if (kill % 4 == 0) children_[stopped]->kill(SIGSTOP);
            linger();
            const std::size_t victim = random_() % kSlots;
            bury(victim);
            // One that was stopped while it took memory holds up who reaps.
            if (children_[stopped]) children_[stopped]->kill(SIGCONT);
            shm::reap_tree();
            start(victim);
        }
        for (std::size_t slot = 0; slot != kEach; ++slot) bury(slot);
        shm::reap_tree();
        queue_.close();
        for (std::size_t slot = kEach; slot != kSlots; ++slot) EXPECT_TRUE(children_[slot]->wait().success());
        shm::reap_tree();
    }

    void check() const {
        std::size_t committed = 0;
        std::size_t missing = 0;
        for (std::size_t producer = 0; producer != producers_; ++producer) {
            const std::uint32_t count = records_[producer].committed;
            committed += count;
            for (std::uint32_t index = 0; index != kMostItems; ++index) {
                const unsigned times = records_[producer].seen[index];
                EXPECT_LE(times, 1U) << "twice: " << producer << ", " << index;
                // What a producer was putting when it was killed was put or not.
                EXPECT_TRUE(times == 0 || index <= count) << "never put: " << producer << ", " << index;
                if (index < count && times == 0) ++missing;
            }
        }
        EXPECT_LE(missing, killed_consumers_);
        EXPECT_GT(committed, 0U);
        std::cout << committed << " items, " << missing << " gone with " << killed_consumers_ << " consumers\n";
    }

private:
    static constexpr std::size_t kEach = 2;
    static constexpr std::size_t kSlots = 2 * kEach;

    void linger() {
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::microseconds(random_() % (1U << random_() % 13));
        while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
    }

    void start(std::size_t slot) {
        const std::size_t producer = slot < kEach ? producers_++ : 0;
        children_[slot].emplace([this, slot, producer] { slot < kEach ? produce(producer) : consume(); });
    }

    void bury(std::size_t slot) {
        children_[slot]->kill();
        EXPECT_EQ(children_[slot]->wait().signal(), SIGKILL);
        children_[slot].reset();
        if (slot >= kEach) ++killed_consumers_;
    }

    // Most are long; their sizes go around the borders of pieces.
    static Item item_of(std::uint32_t producer, std::uint32_t index) {
        Item item(index % 4 == 3 ? 2 : 2'000 + 97 * (index % 101), producer ^ index);
        item[0] = producer;
        item[1] = index;
        return item;
    }

    void produce(std::size_t producer) {
        Record& record = records_[producer];
        for (std::uint32_t index = 0; index != kMostItems; ++index) {
            queue_.put(item_of(static_cast<std::uint32_t>(producer), index));
            record.committed = index + 1;
        }
        for (;;) ::pause();  // until it is killed
    }

    void consume() {
        for (const Item& item : queue_) {
            ASSERT_GE(item.size(), 2U);
            ASSERT_EQ(item, item_of(item[0], item[1]));
            ++records_[item[0]].seen[item[1]];
        }
    }

    std::mt19937 random_;
    const Queue<Item> queue_{16};
    const os::Mapping memory_;
    Record* const records_;
    std::array<std::optional<ForkedChild>, kSlots> children_{};
    std::size_t producers_ = 0;
    std::size_t killed_consumers_ = 0;
};

class StreamingKills : public testing::TestWithParam<unsigned> {
protected:
    StreamingKills() {
        cut_through_sizes.shown = 5'000;
        cut_through_sizes.streamed = 5'000;
        cut_through_sizes.piece = 1'024;
        cut_through_sizes.window = 4;
        // A reader comes for most of them.
        cut_through_sizes.head_start = std::chrono::microseconds(500);
    }
    ~StreamingKills() override { cut_through_sizes = before_; }

    const channel::CutThroughSizes before_ = cut_through_sizes;
};
INSTANTIATE_TEST_SUITE_P(, StreamingKills, testing::Values(1U, 2U, 3U));

TEST_P(StreamingKills, every_item_is_accounted_for) {
    std::cout << "seed " << GetParam() << '\n';
    const auto blocks = shm::tree_arena().usage().blocks;
    {
        const std::size_t kills = repetitions(1'000);
        World world(kills, GetParam());
        world.run(kills);
        world.check();
    }
    EXPECT_EQ(shm::tree_arena().usage().blocks, blocks);
}

}  // namespace
}  // namespace cohort::test
