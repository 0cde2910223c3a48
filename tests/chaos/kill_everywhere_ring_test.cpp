// SPDX-License-Identifier: MIT
// Kills a process at every point of every operation on a ring, alone and while another one is stopped inside its own.
#include "chaos/kill_everywhere.hpp"
#include "chaos/ring_world.hpp"
#include "support/counts.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <ostream>

using cohort::shm::Owner;
using cohort::shm::RingStatus;
using cohort::test::KillPoint;
using cohort::test::RingWorld;
using cohort::test::SteppedChild;

namespace {

// What the operation of one process does to the count of items. It must hold at the points before the last one, where
// nothing of the operation may be visible at the first; and at the last one.
struct Effect {
    std::uint64_t puts = 0;  // numbers it puts
    RingWorld::Missing before_end{};
    RingWorld::Missing at_end{};
};
constexpr Effect kNothing{};
constexpr Effect kPut{1, {0, 1}, {0, 0}};
constexpr Effect kGet{0, {0, 0}, {1, 1}};

struct Operation {
    const char* name;
    Effect effect;
    void (*arrange)(RingWorld&);
    void (*run)(RingWorld&, Owner);
};

void try_put(RingWorld& world, Owner me) {
    world.try_put(me);
}

void try_get(RingWorld& world, Owner me) {
    const auto slot = world.ring.try_take(me);
    if (slot) world.ring.release(slot);
}

void put_many(RingWorld& world, int count) {
    for (int i = 0; i != count; ++i) world.put();
}

// The next ticket is that of the last cell.
void come_to_the_last_cell(RingWorld& world) {
    for (std::uint32_t i = 1; i != RingWorld::kCells; ++i) {
        world.put();
        world.get();
    }
    world.next_number = 1;
}

const Operation kOperations[] = {
    {"put_into_empty", kPut, [](RingWorld&) {}, try_put},
    {"put_behind_others", kPut, [](RingWorld& world) { put_many(world, 2); }, try_put},
    {"put_into_the_last_cell", kPut, come_to_the_last_cell, try_put},
    {"put_into_full", kNothing, [](RingWorld& world) { put_many(world, 4); }, try_put},
    {"put_where_a_taker_died", kPut,
     [](RingWorld& world) {
         put_many(world, 4);
         world.hold(world.dead);
     },
     try_put},
    {"get_the_only_one", kGet, [](RingWorld& world) { put_many(world, 1); }, try_get},
    {"get_from_full", kGet, [](RingWorld& world) { put_many(world, 4); }, try_get},
    {"get_from_empty", kNothing, [](RingWorld&) {}, try_get},
    {"get_behind_a_dead_claim", kGet,
     [](RingWorld& world) {
         world.ring.try_claim(world.dead);
         put_many(world, 2);
     },
     try_get},
    {"sweep", kNothing,
     [](RingWorld& world) {
         put_many(world, 3);
         world.hold(world.dead);
         world.hold(world.dead);
         world.ring.try_claim(world.dead);
     },
     [](RingWorld& world, Owner) { world.ring.sweep(world.dead, nullptr, nullptr); }},
};

class Trial : public cohort::test::KillTrial {
public:
    explicit Trial(const Operation& operation, bool sweep) : operation_(operation), sweep_(sweep) {
        operation.arrange(world_);
    }
    void prepare() override { world_.roster.enter(world_.victim); }
    void operate() override { operation_.run(world_, world_.victim); }
    std::span<const std::byte> watched() const override { return world_.watched(); }
    void check(const KillPoint& point) override {
        EXPECT_TRUE(world_.roster.is_dead(world_.victim));
        if (sweep_) world_.ring.sweep(world_.victim, nullptr, nullptr);
        world_.next_number += operation_.effect.puts;
        const auto& effect = operation_.effect;
        const std::uint64_t none = effect.puts;  // missing if nothing was done
        world_.survive(point.last          ? effect.at_end
                       : point.number == 0 ? RingWorld::Missing{none, none}
                                           : effect.before_end);
    }

private:
    const Operation& operation_;
    const bool sweep_;
    RingWorld world_;
};

// How the test framework prints one: not as bytes, among which are addresses.
std::ostream& operator<<(std::ostream& out, const Operation& operation) {
    return out << operation.name;
}

class KillEverywhere : public testing::TestWithParam<Operation> {};

TEST_P(KillEverywhere, alone) {
    std::size_t points = 0;
    for (bool sweep : {false, true})
        points += cohort::test::kill_everywhere([&] { return std::make_unique<Trial>(GetParam(), sweep); });
    std::cout << GetParam().name << ": " << points << " kill points\n";
}

INSTANTIATE_TEST_SUITE_P(Ring, KillEverywhere, testing::ValuesIn(kOperations),
                         [](const auto& trial) { return std::string(trial.param.name); });

// Two processes: the first is stopped inside its operation, alive, while the second runs its own and is killed.
struct Pair {
    const char* name;
    void (*arrange)(RingWorld&);
    void (*first)(RingWorld&, Owner);
    void (*second)(RingWorld&, Owner);
    std::uint64_t puts;
    std::uint64_t gets;
};

const Pair kPairs[] = {
    {"put_and_put", [](RingWorld&) {}, try_put, try_put, 2, 0},
    {"put_and_get", [](RingWorld&) {}, try_put, try_get, 1, 1},
    {"get_and_get", [](RingWorld& world) { put_many(world, 3); }, try_get, try_get, 0, 2},
    {"get_and_put_when_full", [](RingWorld& world) { put_many(world, 4); }, try_get, try_put, 1, 1},
    {"put_and_put_where_a_taker_died",
     [](RingWorld& world) {
         put_many(world, 4);
         world.hold(world.dead);
     },
     try_put, try_put, 2, 0},
    {"sweep_and_sweep",
     [](RingWorld& world) {
         put_many(world, 2);
         world.hold(world.dead);
         world.ring.try_claim(world.dead);
     },
     [](RingWorld& world, Owner) { world.ring.sweep(world.dead, nullptr, nullptr); },
     [](RingWorld& world, Owner) { world.ring.sweep(world.dead, nullptr, nullptr); }, 0, 0},
    {"sweep_and_get",
     [](RingWorld& world) {
         world.ring.try_claim(world.dead);
         put_many(world, 1);
     },
     [](RingWorld& world, Owner) { world.ring.sweep(world.dead, nullptr, nullptr); }, try_get, 0, 1},
};

class FirstTrial : public cohort::test::KillTrial {
public:
    explicit FirstTrial(const Pair& pair) : pair_(pair) { pair.arrange(world_); }
    void prepare() override { world_.roster.enter(world_.other); }
    void operate() override { pair_.first(world_, world_.other); }
    std::span<const std::byte> watched() const override { return world_.watched(); }
    void check(const KillPoint&) override {}

private:
    const Pair& pair_;
    RingWorld world_;
};

class PairTrial : public cohort::test::KillTrial {
public:
    PairTrial(const Pair& pair, std::uint64_t stop_first_after, bool first_goes_on)
        : pair_(pair), first_goes_on_(first_goes_on) {
        pair.arrange(world_);
        first_.emplace([&] { world_.roster.enter(world_.other); }, [&] { pair_.first(world_, world_.other); });
        for (std::uint64_t i = 0; i != stop_first_after; ++i) first_->step();
    }
    void prepare() override {
        world_.roster.enter(world_.victim);
        if (pair_.puts == 2) ++world_.next_number;  // the first one's is another number
    }
    void operate() override { pair_.second(world_, world_.victim); }
    std::span<const std::byte> watched() const override { return world_.watched(); }
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
    RingWorld world_;
    std::optional<SteppedChild> first_;
};

std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << pair.name;
}

class KillEverywherePair : public testing::TestWithParam<Pair> {};

TEST_P(KillEverywherePair, while_the_other_is_inside) {
    const auto stops = cohort::test::find_kill_points(*std::make_unique<FirstTrial>(GetParam()));
    std::size_t points = 0;
    // The full count stops at each place, and lets the first one go on or die there.
    const std::size_t tenths = cohort::test::repetitions(10);
    for (std::size_t i = 0; i < stops.size(); i += tenths == 10 ? 1 : 3)
        for (bool first_goes_on : {true, false})
            if (tenths == 10 || first_goes_on == (i % 2 == 0))
                points += cohort::test::kill_everywhere(
                    [&] { return std::make_unique<PairTrial>(GetParam(), stops[i], first_goes_on); });
    std::cout << GetParam().name << ": " << stops.size() << " places to stop, " << points << " kill points\n";
}

INSTANTIATE_TEST_SUITE_P(Ring, KillEverywherePair, testing::ValuesIn(kPairs),
                         [](const auto& trial) { return std::string(trial.param.name); });

}  // namespace
