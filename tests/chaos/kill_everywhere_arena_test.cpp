// SPDX-License-Identifier: MIT
// Kills a process at every point of every operation on the arena.
#include "chaos/kill_everywhere.hpp"
#include "shm/arena.hpp"
#include "support/small_arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <iostream>
#include <ostream>
#include <vector>

using cohort::Deadline;
using cohort::ExitStatus;
using cohort::shm::Arena;
using cohort::shm::BlockName;
using cohort::shm::BlockTag;
using cohort::shm::Owner;
using cohort::shm::Segment;
using cohort::test::KillPoint;

namespace {

class World {
public:
    World() = default;
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    // The life lock is in the list of what the kernel marks: it must not go with the memory.
    ~World() { arena.roster().leave(me); }

    BlockName object(Owner owner, std::size_t bytes = 100) {
        const BlockName name = arena.create_object(owner, bytes, std::min<std::size_t>(bytes, 100));
        std::memset(arena.data(name), 0xff, 100);
        objects.push_back(name);
        return name;
    }
    /// Another holder of it, too.
    BlockName shared(std::size_t bytes = 100) {
        const BlockName name = object(me, bytes);
        arena.hold(victim, name);
        return name;
    }
    /// The victim is its only holder.
    BlockName its_own(std::size_t bytes = 100) {
        const BlockName name = shared(bytes);
        arena.drop(me, name);
        return name;
    }

    /// While the victim is stopped, the survivor takes and frees small blocks: what the messages of queues lie in.
    void go_on() {
        for (int round = 0; round != 3; ++round) {
            const BlockName block =
                arena.allocate(BlockTag::owned_by(me), kOthersBlock, Deadline(std::chrono::seconds(0)));
            ASSERT_TRUE(block);
            arena.free(block);
        }
    }

    /// The survivor cleans up; then nothing is left, and everything can be used.
    void survive() {
        arena.roster().bury(victim, ExitStatus::signaled(9));
        arena.sweep(victim);
        arena.reap();
        for (const BlockName name : objects) arena.drop(me, name);
        for (const BlockName block : blocks) arena.free(block);
        const auto usage = arena.usage();
        EXPECT_EQ(usage.objects, 0U);
        EXPECT_EQ(usage.blocks, 0U);
        for (int round = 0; round != 2; ++round) use();
    }

    static constexpr std::size_t kOthersBlock = 2000;

    Arena arena = cohort::test::small_arena();
    Owner me = arena.enter(cohort::shm::current_process_mark());
    Owner victim = arena.reserve(me, false);
    std::vector<BlockName> objects{};  ///< that the survivor may hold
    std::vector<BlockName> blocks{};   ///< that the survivor owns
    BlockName one{};                   ///< of the operation
    BlockName two{};
    Owner dead{};

private:
    void use() {
        constexpr std::array<std::size_t, 5> kSizes{64, 100, 100, 70'000, 70'000};
        std::vector<BlockName> names;
        for (const std::size_t bytes : kSizes) {
            names.push_back(arena.create_object(me, bytes, bytes));
            std::byte* data = arena.data(names.back());
            EXPECT_TRUE(std::all_of(data, data + bytes, [](std::byte b) { return b == std::byte{0}; })) << bytes;
            std::memset(data, static_cast<int>(names.size()), bytes);
        }
        for (std::size_t i = 0; i != names.size(); ++i) {
            const std::byte* data = arena.data(names[i]);
            EXPECT_TRUE(std::all_of(data, data + kSizes[i], [&](std::byte b) { return b == std::byte(i + 1); }))
                << "ranges overlap";
            arena.drop(me, names[i]);
        }
        EXPECT_EQ(arena.usage().objects, 0U);
    }
};

struct Operation {
    const char* name;
    void (*arrange)(World&);
    void (*run)(World&);
    bool enters = false;  ///< the operation makes the victim known
};

void nothing(World&) {}

void drop_one(World& world) {
    world.arena.drop(world.victim, world.one);
}

void free_one(World& world) {
    world.arena.free(world.one);
}

// Another dead process, which held one object alone and one that the victim holds, and owned a block and a parcel.
Owner one_who_died(World& world) {
    const Owner dead = world.arena.reserve(world.me, false);
    const BlockName alone = world.object(world.me);
    const BlockName both = world.shared();
    world.arena.hold(dead, alone);
    world.arena.hold(dead, both);
    world.arena.drop(world.me, alone);
    world.arena.allocate(BlockTag::owned_by(dead), 300);
    world.arena.pack(BlockTag::owned_by(dead), std::array{both});
    world.arena.roster().bury(dead, ExitStatus::signaled(9));
    return dead;
}

// After these there is room for no further hint of this size.
void free_more_than_hints(World& world) {
    std::vector<BlockName> blocks;
    for (int i = 0; i != 300; ++i) blocks.push_back(world.arena.allocate(BlockTag::owned_by(world.me), 300));
    for (const BlockName block : blocks) world.arena.free(block);
    // Past the hints, which so stay full.
    world.one = world.arena.allocate(BlockTag::in_flight(), 300);
    world.arena.tag(world.one).store(BlockTag::owned_by(world.victim).raw());
}

const Operation kOperations[] = {
    {"create", nothing, [](World& world) { world.object(world.victim); }},
    {"create_large", nothing, [](World& world) { world.object(world.victim, 70'000); }},
    {"create_where_another_was", [](World& world) { world.arena.drop(world.me, world.object(world.me)); },
     [](World& world) { world.object(world.victim); }},
    {"hold", [](World& world) { world.one = world.object(world.me); },
     [](World& world) { world.arena.hold(world.victim, world.one); }},
    {"drop", [](World& world) { world.one = world.shared(); }, drop_one},
    {"drop_as_the_last", [](World& world) { world.one = world.its_own(); }, drop_one},
    {"drop_large_as_the_last", [](World& world) { world.one = world.its_own(70'000); }, drop_one},
    {"drop_with_parts",
     [](World& world) {
         world.one = world.its_own();
         for (const std::size_t bytes : {100U, 70'000U}) {
             const BlockName part = world.arena.allocate(BlockTag::owned_by(world.me), bytes);
             world.arena.make_part(part, BlockTag::part_of(world.one.place));
         }
     },
     drop_one},
    {"allocate", nothing, [](World& world) { world.arena.allocate(BlockTag::owned_by(world.victim), 300); }},
    {"allocate_large", nothing, [](World& world) { world.arena.allocate(BlockTag::owned_by(world.victim), 300'000); }},
    {"free", [](World& world) { world.one = world.arena.allocate(BlockTag::owned_by(world.victim), 300); }, free_one},
    {"allocate_again", [](World& world) { world.arena.free(world.arena.allocate(BlockTag::owned_by(world.me), 300)); },
     [](World& world) { world.arena.allocate(BlockTag::owned_by(world.victim), 300); }},
    {"free_many", [](World& world) { free_more_than_hints(world); }, free_one},
    {"free_large", [](World& world) { world.one = world.arena.allocate(BlockTag::owned_by(world.victim), 300'000); },
     free_one},
    {"make_part",
     [](World& world) {
         world.one = world.shared();
         world.two = world.arena.allocate(BlockTag::owned_by(world.victim), 300);
     },
     [](World& world) { world.arena.make_part(world.two, BlockTag::part_of(world.one.place)); }},
    {"pack",
     [](World& world) {
         world.one = world.shared();
         world.two = world.its_own();
     },
     [](World& world) {
         world.arena.pack(BlockTag::owned_by(world.victim), std::array{world.one, world.two});
     }},
    {"free_a_parcel",
     [](World& world) {
         const std::array names{world.object(world.me), world.object(world.me)};
         world.one = world.arena.pack(BlockTag::owned_by(world.victim), names);
         world.arena.drop(world.me, names[0]);  // now the parcel holds it
     },
     free_one},
    {"reserve_for_a_copy",
     [](World& world) {
         world.shared();
         world.its_own();
     },
     [](World& world) { world.arena.reserve(world.victim, true); }},
    {"enter", nothing, [](World& world) { world.arena.enter(cohort::shm::current_process_mark()); }, true},
    {"sweep", [](World& world) { world.dead = one_who_died(world); },
     [](World& world) { world.arena.sweep(world.dead); }},
    {"reap", [](World& world) { one_who_died(world); }, [](World& world) { world.arena.reap(); }},
};

class Trial : public cohort::test::KillTrial {
public:
    explicit Trial(const Operation& operation) : operation_(operation) {
        world_.arena.free(world_.arena.allocate(BlockTag::owned_by(world_.me), World::kOthersBlock));
        operation.arrange(world_);
    }
    void prepare() override {
        if (!operation_.enters) world_.arena.roster().enter(world_.victim);
    }
    void operate() override { operation_.run(world_); }
    std::span<const std::byte> watched() const override {
        constexpr std::size_t kTables = std::size_t{96} << 10;
        return {world_.arena.segment().at(Segment::kFirstOffset), kTables};
    }
    void check_stopped() override { world_.go_on(); }
    void check(const KillPoint&) override { world_.survive(); }

private:
    const Operation& operation_;
    World world_{};
};

std::ostream& operator<<(std::ostream& out, const Operation& operation) {
    return out << operation.name;
}

class ArenaKillEverywhere : public testing::TestWithParam<Operation> {};

TEST_P(ArenaKillEverywhere, alone) {
    Trial(GetParam())
        .check({});  // what a process does once only: later children would have fewer points than the first
    const std::size_t points = cohort::test::kill_everywhere([] { return std::make_unique<Trial>(GetParam()); });
    std::cout << "arena, " << GetParam().name << ": " << points << " kill points\n";
}

INSTANTIATE_TEST_SUITE_P(Arena, ArenaKillEverywhere, testing::ValuesIn(kOperations),
                         [](const auto& trial) { return std::string(trial.param.name); });

}  // namespace
