// SPDX-License-Identifier: MIT
// Producers and consumers of one ring, each killed with SIGKILL at a random moment and replaced, again and again. In
// the end every item has to be accounted for.
#include "shm/doorbell.hpp"
#include "shm/lending_arena.hpp"
#include "shm/ring.hpp"
#include "shm/roster.hpp"
#include "shm/spinner.hpp"
#include "shm/spsc_ring.hpp"
#include "support/counts.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using cohort::os::Mapping;
using cohort::shm::BlockId;
using cohort::shm::Doorbell;
using cohort::shm::LendingArena;
using cohort::shm::Liveness;
using cohort::shm::Owner;
using cohort::shm::Ring;
using cohort::shm::RingStatus;
using cohort::shm::Roster;
using cohort::shm::Segment;
using cohort::shm::Spinner;
using cohort::shm::SpscReader;
using cohort::shm::SpscRing;
using cohort::shm::SpscWriter;
using cohort::shm::Watch;
using cohort::test::ForkedChild;
using cohort::test::Shared;

namespace {

// A pause of random length, most often short: that is when the child is being set up, or has just begun.
void linger(std::mt19937& random) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % (1U << random() % 12));
    while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
}

// Each producer has a range of numbers of its own.
constexpr std::uint64_t kMostItems = 20'000;

struct Item {
    std::uint64_t producer;
    std::uint64_t number;
    std::uint64_t check;  // both, so that a torn item is seen
};

// What a producer has to say for itself.
struct ProducerRecord {
    std::atomic<std::uint64_t> committed;
    std::atomic<std::uint8_t> seen[kMostItems];
};

class Arena {
public:
    static constexpr std::uint32_t kProducers = 2;
    static constexpr std::uint32_t kConsumers = 2;
    static constexpr Ring::Shape kShape{16, 32};

    // Whether those who meet a dead one's cell repair it, or only the parent's sweep does.
    Arena(std::size_t kills, bool repair_on_meeting) : repair_(repair_on_meeting), records_(kills + kProducers) {
        Roster::format(roster_memory_.data(), kLines);
        roster_.emplace(roster_memory_.data());
        Ring::format(ring_memory_.data(), kShape);
        ring_.emplace(view());
    }

    void run(std::size_t kills, unsigned seed) {
        std::mt19937 random(seed);
        for (std::uint32_t i = 0; i != kProducers + kConsumers; ++i) start(i);
        for (std::size_t kill = 0; kill != kills; ++kill) {
            linger(random);
            const auto victim = static_cast<std::uint32_t>(random() % (kProducers + kConsumers));
            end(victim);
            start(victim);
        }
        finish();
    }

    // Every item that was put came out once, or died with a consumer: what the sweep has shown, or at least counted.
    void check() const {
        std::uint64_t committed = 0;
        std::uint64_t missing = 0;
        for (std::uint64_t producer = 0; producer != producers_; ++producer) {
            const ProducerRecord& record = records_[producer];
            const std::uint64_t count = record.committed;
            committed += count;
            for (std::uint64_t number = 0; number != kMostItems; ++number) {
                const unsigned times = record.seen[number];
                EXPECT_LE(times, 1U) << "twice: " << producer << ", " << number;
                EXPECT_TRUE(times == 0 || number <= count) << "never put: " << producer << ", " << number;
                if (number >= count || times == 1) continue;
                ++missing;
                EXPECT_TRUE(repair_ || shown_lost({producer, number})) << "lost: " << producer << ", " << number;
            }
        }
        EXPECT_LE(missing, ring_->lost());
        EXPECT_LE(ring_->lost(), killed_consumers_);
        EXPECT_EQ(ring_->size(), 0U);
        EXPECT_GT(committed, 0U);
        std::cout << committed << " items, " << ring_->lost() << " lost with " << killed_consumers_ << " consumers\n";
    }

private:
    static constexpr std::uint32_t kLines = 16;
    using Place = std::pair<std::uint64_t, std::uint64_t>;

    Ring view() const { return Ring(ring_memory_.data(), repair_ ? roster_->liveness() : Liveness{}); }
    bool shown_lost(Place place) const { return std::count(shown_.begin(), shown_.end(), place) == 1; }

    void start(std::uint32_t slot) {
        const Owner owner = roster_->reserve();
        ASSERT_FALSE(owner.is_nobody());
        owners_[slot] = owner;
        const std::uint64_t producer = slot < kProducers ? producers_++ : 0;
        children_[slot].emplace([&, owner, slot, producer] {
            roster_->enter(owner);
            slot < kProducers ? produce(owner, producer) : consume(owner);
        });
    }

    void end(std::uint32_t slot) {
        children_[slot]->kill();
        if (slot >= kProducers) ++killed_consumers_;
        bury(slot);
    }

    void bury(std::uint32_t slot) {
        roster_->bury(owners_[slot], children_[slot]->wait());
        ring_->sweep(owners_[slot], &Arena::show, this);
        roster_->retire(owners_[slot]);
        items_->ring();
        room_->ring();
        children_[slot].reset();
    }

    static void show(void* context, std::uint64_t, const std::byte* data) noexcept {
        Item item;
        std::memcpy(&item, data, sizeof item);
        static_cast<Arena*>(context)->shown_.emplace_back(item.producer, item.number);
    }

    void finish() {
        for (std::uint32_t slot = 0; slot != kProducers; ++slot) {
            children_[slot]->kill();
            bury(slot);
        }
        ring_->close();
        items_->ring();
        for (std::uint32_t slot = kProducers; slot != kProducers + kConsumers; ++slot) {
            const auto status = children_[slot]->wait();
            EXPECT_TRUE(status.success());
            roster_->bury(owners_[slot], status);
            children_[slot].reset();
        }
    }

    // Tries until there is something other than to wait: spins, then sleeps, and is woken by the others' deaths, too.
    template <class Try>
    auto await(Doorbell& bell, Try attempt) {
        Spinner spinner;
        auto result = attempt();
        const auto found = [&] {
            if (!result && result.status != RingStatus::ended) result = attempt();
            return result || result.status == RingStatus::ended;
        };
        while (!spinner.spin(found)) {
            const auto ticket = bell.listen();
            if (found()) break;
            std::vector<Watch> watched;
            for (const Owner owner : owners_)
                if (const auto watch = roster_->watch(owner)) watched.push_back(*watch);
            bell.wait(ticket, {}, watched);
        }
        return result;
    }

    void produce(Owner me, std::uint64_t producer) {
        Ring ring = view();
        ProducerRecord& record = records_[producer];
        for (std::uint64_t number = 0; number != kMostItems; ++number) {
            const auto slot = await(*room_, [&] { return ring.try_claim(me); });
            const Item item{producer, number, producer ^ ~number};
            std::memcpy(slot.data, &item, sizeof item);
            ring.commit(slot);
            record.committed = number + 1;
            items_->ring();
        }
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));  // until it is killed
    }

    void consume(Owner me) {
        Ring ring = view();
        std::map<std::uint64_t, std::uint64_t> next;
        for (;;) {
            const auto slot = await(*items_, [&] { return ring.try_take(me); });
            if (slot.status == RingStatus::ended) return;
            Item item;
            std::memcpy(&item, slot.data, sizeof item);
            ASSERT_EQ(item.check, item.producer ^ ~item.number) << "torn";
            ASSERT_GE(item.number, next[item.producer]) << "out of order";
            next[item.producer] = item.number + 1;
            records_[item.producer].seen[item.number].fetch_add(1);
            if (ring.release(slot)) room_->ring();
        }
    }

    class Records {
    public:
        explicit Records(std::size_t count) : mapping_(Mapping::map_anonymous_shared(count * sizeof(ProducerRecord))) {}
        ProducerRecord& operator[](std::uint64_t index) const {
            return reinterpret_cast<ProducerRecord*>(mapping_.data())[index];
        }

    private:
        Mapping mapping_;
    };

    const bool repair_;
    Mapping roster_memory_ = cohort::test::shared_memory(Roster::bytes(kLines));
    Mapping ring_memory_ = cohort::test::shared_memory(Ring::bytes(kShape));
    Shared<Doorbell> items_{};
    Shared<Doorbell> room_{};
    Records records_;
    std::optional<Roster> roster_;
    std::optional<Ring> ring_;
    std::array<Owner, kProducers + kConsumers> owners_{};
    std::array<std::optional<ForkedChild>, kProducers + kConsumers> children_;
    std::vector<Place> shown_;
    std::uint64_t producers_ = 0;
    std::uint64_t killed_consumers_ = 0;
};

void kill_in_arena(bool repair_on_meeting, unsigned seed) {
    const std::size_t kills = cohort::test::repetitions(2'500);
    auto arena = std::make_unique<Arena>(kills, repair_on_meeting);
    std::cout << "seed " << seed << ", " << kills << " kills\n";
    arena->run(kills, seed);
    arena->check();
}

TEST(RandomKills, a_ring_repaired_by_a_sweep_accounts_for_every_item) {
    kill_in_arena(false, 1);
}
TEST(RandomKills, a_ring_repaired_by_whoever_meets_the_dead_accounts_for_every_item) {
    kill_in_arena(true, 2);
}

// One writer after the other is killed; the reader gets everything that was published, in order.
TEST(RandomKills, a_one_to_one_ring_loses_nothing_of_its_writers) {
    constexpr SpscRing::Shape kShape{16, 32};
    const Mapping memory = cohort::test::shared_memory(SpscRing::bytes(kShape));
    SpscRing::format(memory.data(), kShape);
    SpscReader reader(memory.data());
    Shared<std::atomic<std::uint64_t>> published(std::uint64_t{0});
    std::mt19937 random(3);
    std::uint64_t next = 0;
    for (std::size_t kill = cohort::test::repetitions(2'500); kill != 0; --kill) {
        const std::uint64_t first = *published = next;
        ForkedChild writer_process([&] {
            SpscWriter writer(memory.data());
            for (std::uint64_t number = first;; ++number) {
                std::byte* room = writer.room();
                for (; room == nullptr; room = writer.room()) std::this_thread::yield();
                const std::uint64_t numbers[3] = {number, number, number};
                std::memcpy(room, numbers, sizeof numbers);
                writer.publish();
                *published = number + 1;
            }
        });
        const auto drain = [&] {
            for (; reader.readable(); reader.release(), ++next) {
                std::uint64_t numbers[3];
                std::memcpy(numbers, reader.front(), sizeof numbers);
                ASSERT_EQ(numbers[0], next);
                ASSERT_TRUE(numbers[1] == next && numbers[2] == next) << "torn";
            }
        };
        const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 2'000);
        while (std::chrono::steady_clock::now() < until) drain();
        writer_process.kill();
        writer_process.wait();
        drain();
        ASSERT_LE(*published, next);
        ASSERT_LE(next, *published + 1);
    }
    EXPECT_GT(next, 0U);
    std::cout << next << " items\n";
}

// Borrowers are killed with blocks in their hands; the owner gets every block back.
TEST(RandomKills, an_arena_gets_back_what_dead_borrowers_had) {
    constexpr std::size_t kRange = std::size_t{64} << 20;
    constexpr SpscRing::Shape kShape{16, 32};
    const Segment segment = Segment::create("cohort-test", 2 * kRange);
    LendingArena arena(segment, Segment::kFirstOffset, kRange);
    std::mt19937 random(4);
    const Mapping memory = cohort::test::shared_memory(SpscRing::bytes(kShape));
    std::size_t places = 0;
    for (std::size_t kill = cohort::test::repetitions(1'000); kill != 0; --kill) {
        SpscRing::format(memory.data(), kShape);
        SpscWriter writer(memory.data());
        ForkedChild borrower([&] {
            for (SpscReader reader(memory.data());;) {
                if (!reader.readable()) continue;
                BlockId block;
                std::memcpy(&block, reader.front(), sizeof block);
                ASSERT_EQ(std::memcmp(LendingArena::data(segment, block), &block, sizeof block), 0);
                LendingArena::give_back(segment, block);
                reader.release();
            }
        });
        std::vector<BlockId> sent;
        const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 2'000);
        while (std::chrono::steady_clock::now() < until) {
            std::byte* room = writer.room();
            if (room == nullptr) continue;
            const BlockId block = arena.allocate(random() % 4 == 0 ? 100'000 : 100);
            std::memcpy(LendingArena::data(segment, block), &block, sizeof block);
            std::memcpy(room, &block, sizeof block);
            writer.publish();
            sent.push_back(block);
        }
        borrower.kill();
        EXPECT_EQ(borrower.wait().signal(), SIGKILL);
        for (const BlockId block : sent) LendingArena::give_back(segment, block);
        ASSERT_TRUE(arena.all_returned());
        places = std::max(places, arena.populated());
    }
    EXPECT_LE(places, std::size_t{64} * 131'072) << "the arena has grown with the kills";
}

}  // namespace
