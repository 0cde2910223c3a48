// SPDX-License-Identifier: MIT
// Kills a process at every point of every operation on a queue, alone and while another one is stopped inside its own.
#include "chaos/kill_everywhere.hpp"
#include "support/counts.hpp"
#include "unit/shm/queue_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <ostream>
#include <set>
#include <vector>

using cohort::shm::Owner;
using cohort::shm::QueueCore;
using cohort::shm::RingStatus;
using cohort::test::KillPoint;
using cohort::test::QueueWorld;
using cohort::test::SteppedChild;

namespace {

constexpr QueueCore::Options kUnbounded{.cell_bytes = 32, .first_cells = 2, .largest_cells = 4, .maxsize = 0};
constexpr QueueCore::Options kBounded{.cell_bytes = 32, .first_cells = 4, .largest_cells = 4, .maxsize = 4};

QueueCore::Until now() {
    return std::chrono::steady_clock::now();
}

/// A small queue; the parent is the survivor. Items are numbered from 1.
class World : public QueueWorld {
public:
    explicit World(const QueueCore::Options& options)
        : QueueWorld(options, 12'288),
          survivor(roster.reserve()),
          victim(roster.reserve()),
          other(roster.reserve()),
          dead(roster.reserve()) {
        // Lines that were never entered count as alive.
        roster.bury(dead, cohort::ExitStatus::signaled(9));
    }

    /// How many items may be neither there nor counted as lost.
    struct Missing {
        std::uint64_t least = 0;
        std::uint64_t most = 0;
    };

    void put_some(std::uint64_t count) {
        for (; count != 0; --count) ASSERT_TRUE(put(next_number++, survivor));
    }
    void get_some(std::uint64_t count) {
        for (; count != 0; --count, ++got) ASSERT_NE(get(survivor), 0U);
    }

    /// Takes out what is left, checks that all numbers before next_number are there or lost, but for the missing; then
    /// moves items through all rings, closes the queue and sees its end.
    void survive(Missing missing) {
        std::set<std::uint64_t> numbers;
        std::uint64_t last = 0;
        const std::uint64_t announced = queue->size();
        while (const std::uint64_t number = get(survivor)) {
            ASSERT_LT(number, next_number) << "torn";
            EXPECT_TRUE(numbers.insert(number).second) << number << " came twice";
            EXPECT_TRUE(number > last || number >= first_at_once) << number << " came after " << last;
            last = number;
        }
        EXPECT_EQ(announced, numbers.size());
        EXPECT_EQ(queue->size(), 0U);
        // Of what was put at the end of one process, a prefix is there.
        for (std::uint64_t number = first_of_victim; number < next_number && first_at_once == kNever; ++number)
            EXPECT_TRUE(numbers.count(number) == 1 || numbers.upper_bound(number) == numbers.end());
        const std::uint64_t gone = next_number - 1 - numbers.size() - queue->lost() - got;
        EXPECT_GE(gone, missing.least);
        EXPECT_LE(gone, missing.most);
        if (!queue->closed()) move_items();
        queue->close(survivor);
        EXPECT_FALSE(put(1, survivor));
        EXPECT_EQ(last_status, RingStatus::ended);
        EXPECT_EQ(get(survivor), 0U);
        EXPECT_EQ(last_status, RingStatus::ended);
    }

    static constexpr std::uint64_t kNever = ~std::uint64_t{0};
    std::uint64_t next_number = 1;
    std::uint64_t got = 0;  ///< by get_some()
    std::uint64_t first_of_victim = kNever;
    std::uint64_t first_at_once = kNever;  ///< from this number on, numbers may come in any order

private:
    void move_items() {
        const std::uint64_t first = next_number;
        const std::uint64_t lost_before = queue->lost();
        for (int lap = 0; lap != 3; ++lap) {
            const std::uint64_t begin = next_number;
            while (next_number != begin + 12 && put(next_number, survivor)) ++next_number;
            EXPECT_EQ(queue->size(), next_number - begin);
            EXPECT_EQ(next_number - begin, queue->maxsize() == 0 ? 12 : queue->maxsize());
            for (std::uint64_t number = begin; number != next_number; ++number) EXPECT_EQ(get(survivor), number);
        }
        next_number = first;
        EXPECT_EQ(queue->lost(), lost_before);
        EXPECT_EQ(queue->size(), 0U);
    }

public:
    Owner survivor;  ///< the parent
    Owner victim;    ///< entered by the child
    Owner other;     ///< alive, and does nothing by itself
    Owner dead;      ///< died long ago
};

// What the operation of one process does to the count of items, as it may look before its last point, and at it.
struct Effect {
    std::uint64_t puts = 0;
    World::Missing before_end{};
    World::Missing at_end{};
    bool closes = false;
};
constexpr Effect kNothing{};
constexpr Effect kPut{1, {0, 1}, {0, 0}};
constexpr Effect kGet{0, {0, 0}, {1, 1}};

struct Operation {
    const char* name;
    QueueCore::Options options;
    Effect effect;
    void (*arrange)(World&);
    void (*run)(World&, Owner);
};

// The number is arranged before: a child's count is its own.
void put_one(World& world, Owner me) {
    world.put(world.next_number, me);
}

void put_three(World& world, Owner me) {
    for (std::uint32_t done = 0; done != 3;) {
        const auto cells = world.queue->claim(me, now(), 3 - done);
        if (!cells) return;
        for (std::uint32_t i = 0; i != cells.count; ++i) world.write(cells, i, world.next_number + done++);
        world.queue->commit(cells);
    }
}

void get_one(World& world, Owner me) {
    world.get(me);
}

void get_three(World& world, Owner me) {
    const auto cells = world.queue->take(me, now(), 3);
    if (cells) world.queue->release(cells);
}

void close_it(World& world, Owner me) {
    world.queue->close(me);
}

void nothing(World&) {}

const Operation kOperations[] = {
    {"put_into_empty", kUnbounded, kPut, nothing, put_one},
    {"put_with_a_bound", kBounded, kPut, [](World& world) { world.put_some(3); }, put_one},
    {"put_into_full", kBounded, kNothing, [](World& world) { world.put_some(4); }, put_one},
    {"put_where_a_producer_died", kBounded, kPut,
     [](World& world) {
         world.put_some(2);
         world.queue->claim(world.dead, now(), 2);
     },
     put_one},
    {"put_where_a_taker_died", kBounded, kPut,
     [](World& world) {
         world.put_some(4);
         world.queue->take(world.dead, now());
     },
     put_one},
    {"put_many", kBounded, {3, {0, 3}, {0, 0}}, [](World& world) { world.put_some(1); }, put_three},
    {"put_many_over_a_rings_end", kUnbounded, {3, {0, 3}, {0, 0}}, [](World& world) { world.put_some(1); }, put_three},
    {"grow", kUnbounded, kPut, [](World& world) { world.put_some(2); }, put_one},
    {"grow_into_a_ring_that_was_left", kUnbounded, kPut,
     [](World& world) {
         // The first ring takes 2, the others 4 each; all but the last one are left then.
         world.put_some(15);
         world.get_some(15);
         world.put_some(4);
     },
     put_one},
    {"get_the_only_one", kUnbounded, kGet, [](World& world) { world.put_some(1); }, get_one},
    {"get_with_a_bound", kBounded, kGet, [](World& world) { world.put_some(4); }, get_one},
    {"get_from_the_next_ring", kUnbounded, kGet,
     [](World& world) {
         world.put_some(4);
         world.get_some(2);
     },
     get_one},
    {"get_from_empty", kUnbounded, kNothing, nothing, get_one},
    {"get_behind_a_dead_claim", kUnbounded, kGet,
     [](World& world) {
         world.queue->claim(world.dead, now());
         world.put_some(2);
     },
     get_one},
    {"get_many", kBounded, {0, {0, 2}, {3, 3}}, [](World& world) { world.put_some(4); }, get_three},
    {"close", kUnbounded, {0, {}, {}, true}, [](World& world) { world.put_some(1); }, close_it},
    {"close_full", kUnbounded, {0, {}, {}, true}, [](World& world) { world.put_some(2); }, close_it},
    {"close_empty", kBounded, {0, {}, {}, true}, nothing, close_it},
    {"sweep", kUnbounded, kNothing,
     [](World& world) {
         world.put_some(4);
         world.queue->take(world.dead, now());
         world.queue->claim(world.dead, now());
     },
     [](World& world, Owner) { world.queue->sweep(world.dead, nullptr, nullptr); }},
};

class Trial : public cohort::test::KillTrial {
public:
    explicit Trial(const Operation& operation, bool sweep)
        : operation_(operation), sweep_(sweep), world_(operation.options) {
        operation.arrange(world_);
    }
    void prepare() override { world_.roster.enter(world_.victim); }
    void operate() override { operation_.run(world_, world_.victim); }
    std::span<const std::byte> watched() const override { return world_.memory(); }
    void check(const KillPoint& point) override {
        EXPECT_TRUE(world_.roster.is_dead(world_.victim));
        if (sweep_) world_.queue->sweep(world_.victim, nullptr, nullptr);
        const auto& effect = operation_.effect;
        if (effect.puts != 0) world_.first_of_victim = world_.next_number;
        world_.next_number += effect.puts;
        EXPECT_TRUE(!point.last || !effect.closes || world_.queue->closed());
        EXPECT_TRUE(effect.closes || !world_.queue->closed());
        const std::uint64_t none = effect.puts;  // missing if nothing was done
        world_.survive(point.last ? effect.at_end : point.number == 0 ? World::Missing{none, none} : effect.before_end);
    }

private:
    const Operation& operation_;
    const bool sweep_;
    World world_;
};

// How the test framework prints one: not as bytes, among which are addresses.
std::ostream& operator<<(std::ostream& out, const Operation& operation) {
    return out << operation.name;
}

class QueueKillEverywhere : public testing::TestWithParam<Operation> {};

TEST_P(QueueKillEverywhere, alone) {
    std::size_t points = 0;
    for (bool sweep : {false, true})
        points += cohort::test::kill_everywhere([&] { return std::make_unique<Trial>(GetParam(), sweep); });
    std::cout << GetParam().name << ": " << points << " kill points\n";
}

INSTANTIATE_TEST_SUITE_P(Queue, QueueKillEverywhere, testing::ValuesIn(kOperations),
                         [](const auto& trial) { return std::string(trial.param.name); });

// Two processes: the first is stopped inside its operation, alive, while the second runs its own and is killed.
struct Pair {
    const char* name;
    QueueCore::Options options;
    void (*arrange)(World&);
    void (*first)(World&, Owner);
    void (*second)(World&, Owner);
    std::uint64_t puts;  // of the two, each with a number of its own
    std::uint64_t gets;
};

const Pair kPairs[] = {
    {"put_and_put", kUnbounded, nothing, put_one, put_one, 2, 0},
    {"put_and_get", kUnbounded, nothing, put_one, get_one, 1, 1},
    {"grow_and_grow", kUnbounded, [](World& world) { world.put_some(2); }, put_one, put_one, 2, 0},
    {"grow_and_get", kUnbounded, [](World& world) { world.put_some(2); }, put_one, get_one, 1, 1},
    {"grow_and_close", kUnbounded, [](World& world) { world.put_some(2); }, put_one, close_it, 1, 0},
    {"close_and_put", kUnbounded, [](World& world) { world.put_some(1); }, close_it, put_one, 1, 0},
    {"get_and_get_at_a_rings_end", kUnbounded, [](World& world) { world.put_some(4); }, get_three, get_three, 0, 6},
    {"get_and_put_when_full", kBounded, [](World& world) { world.put_some(4); }, get_one, put_one, 1, 1},
};

class FirstTrial : public cohort::test::KillTrial {
public:
    explicit FirstTrial(const Pair& pair) : pair_(pair), world_(pair.options) { pair.arrange(world_); }
    void prepare() override { world_.roster.enter(world_.other); }
    void operate() override { pair_.first(world_, world_.other); }
    std::span<const std::byte> watched() const override { return world_.memory(); }
    void check(const KillPoint&) override {}

private:
    const Pair& pair_;
    World world_;
};

class PairTrial : public cohort::test::KillTrial {
public:
    PairTrial(const Pair& pair, std::uint64_t stop_first_after, bool first_goes_on)
        : pair_(pair), first_goes_on_(first_goes_on), world_(pair.options) {
        pair.arrange(world_);
        first_.emplace([&] { world_.roster.enter(world_.other); }, [&] { pair_.first(world_, world_.other); });
        for (std::uint64_t i = 0; i != stop_first_after; ++i) first_->step();
    }
    void prepare() override {
        world_.roster.enter(world_.victim);
        if (pair_.puts == 2) ++world_.next_number;  // the first one's is another number
    }
    void operate() override { pair_.second(world_, world_.victim); }
    std::span<const std::byte> watched() const override { return world_.memory(); }
    void check(const KillPoint&) override {
        while (first_goes_on_ && first_->step()) continue;
        first_.reset();  // killed, inside its operation or after it
        world_.first_at_once = world_.next_number;
        world_.next_number += pair_.puts;
        world_.survive({0, pair_.puts + pair_.gets});
    }

private:
    const Pair& pair_;
    const bool first_goes_on_;
    World world_;
    std::optional<SteppedChild> first_;
};

std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << pair.name;
}

class QueueKillEverywherePair : public testing::TestWithParam<Pair> {};

TEST_P(QueueKillEverywherePair, while_the_other_is_inside) {
    const auto stops = cohort::test::find_kill_points(*std::make_unique<FirstTrial>(GetParam()));
    std::size_t points = 0;
    // The full count stops at each place, and lets the first one go on or die there.
    constexpr std::size_t kPlaces = 4;
    constexpr std::size_t kSample = 4;
    const std::size_t every = cohort::test::repetitions(10) == 10 ? 1 : stops.size() / kPlaces + 1;
    for (std::size_t i = 0; i < stops.size(); i += every)
        for (bool first_goes_on : {true, false})
            if (every == 1 || first_goes_on == (i / every % 2 == 0))
                points += cohort::test::kill_everywhere(
                    [&] { return std::make_unique<PairTrial>(GetParam(), stops[i], first_goes_on); }, kSample);
    std::cout << GetParam().name << ": " << stops.size() << " places to stop, " << points << " kill points\n";
}

INSTANTIATE_TEST_SUITE_P(Queue, QueueKillEverywherePair, testing::ValuesIn(kPairs),
                         [](const auto& trial) { return std::string(trial.param.name); });

}  // namespace
