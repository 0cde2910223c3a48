// SPDX-License-Identifier: MIT
#include "shm/arena.hpp"

#include "support/forked_child.hpp"
#include "support/small_arena.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

using cohort::ExitStatus;
using cohort::shm::Arena;
using cohort::shm::BlockName;
using cohort::shm::BlockTag;
using cohort::shm::Owner;
using cohort::test::ForkedChild;

namespace {

class ArenaTest : public testing::Test {
protected:
    ArenaTest() : me_(arena_.enter(cohort::shm::current_process_mark())), before_(arena_.usage()) {}
    // The life lock is in the list of what the kernel marks: it must not go with the memory.
    ~ArenaTest() override { arena_.roster().leave(me_); }

    bool reads_as_zeros(BlockName name, std::size_t bytes) const {
        const std::byte* data = arena_.data(name);
        return std::all_of(data, data + bytes, [](std::byte b) { return b == std::byte{0}; });
    }
    BlockName object(std::size_t bytes = 64) { return arena_.create_object(me_, bytes, bytes); }
    /// A child that has ended, and was not swept.
    Owner dead_child(auto&& body) {
        const Owner owner = arena_.reserve(me_, false);
        ForkedChild child([&] {
            arena_.roster().enter(owner);
            body(owner);
            ::kill(::getpid(), SIGKILL);
        });
        arena_.roster().bury(owner, child.wait());
        return owner;
    }

    Arena arena_ = Arena::create();
    Owner me_;
    Arena::Usage before_;
};

TEST_F(ArenaTest, an_object_lives_as_long_as_it_is_held) {
    const BlockName name = object();
    const Owner other = arena_.reserve(me_, false);
    EXPECT_TRUE(arena_.hold(other, name));
    EXPECT_TRUE(arena_.hold(other, name));  // again: no second hold
    arena_.drop(me_, name);
    EXPECT_EQ(arena_.usage().objects, 1U);
    arena_.drop(other, name);
    EXPECT_EQ(arena_.usage().objects, 0U);
    EXPECT_FALSE(arena_.hold(me_, name));
    arena_.drop(other, name);  // nothing
}

TEST_F(ArenaTest, new_objects_are_zero_also_where_others_were) {
    for (const std::size_t bytes : {1U, 64U, 100U, 4096U, 65536U, 1U << 20}) {
        for (int round = 0; round != 3; ++round) {
            const BlockName name = object(bytes);
            EXPECT_TRUE(reads_as_zeros(name, bytes)) << bytes;
            std::memset(arena_.data(name), 0xff, bytes);
            arena_.drop(me_, name);
        }
    }
}

TEST_F(ArenaTest, an_old_name_is_not_that_of_the_next_object) {
    const BlockName first = object();
    arena_.drop(me_, first);
    const BlockName second = object();
    EXPECT_EQ(second.place, first.place);
    EXPECT_FALSE(arena_.hold(me_, first));
    arena_.drop(me_, first);
    EXPECT_EQ(arena_.usage().objects, 1U);
}

TEST_F(ArenaTest, ranges_do_not_overlap) {
    std::mt19937 random(7);
    std::vector<std::pair<BlockName, std::size_t>> blocks;
    for (int i = 0; i != 300; ++i) {
        const std::size_t bytes = std::size_t{1} << random() % 18;
        blocks.emplace_back(arena_.allocate(BlockTag::owned_by(me_), bytes), bytes);
        std::memset(arena_.data(blocks.back().first), i % 251, bytes);
        EXPECT_GE(arena_.capacity(blocks.back().first), bytes);
    }
    for (int i = 0; i != 300; ++i) {
        const auto [name, bytes] = blocks[static_cast<std::size_t>(i)];
        const std::byte* data = arena_.data(name);
        EXPECT_TRUE(std::all_of(data, data + bytes, [&](std::byte b) { return b == std::byte(i % 251); }));
    }
}

TEST_F(ArenaTest, freed_ranges_are_used_again) {
    for (const std::size_t bytes : {64U, 5000U, 100'000U, 50'000'000U}) {
        arena_.free(arena_.allocate(BlockTag::in_flight(), bytes));
        const auto after_first = arena_.usage();
        for (int i = 0; i != 50; ++i) arena_.free(arena_.allocate(BlockTag::in_flight(), bytes));
        EXPECT_EQ(arena_.usage(), after_first);
    }
}

TEST_F(ArenaTest, what_was_never_there_is_refused) {
    EXPECT_THROW(object(std::size_t{1} << 60), std::bad_alloc);
    EXPECT_THROW(object(~std::size_t{0}), std::bad_alloc);
    EXPECT_FALSE(arena_.hold(me_, {12345, 1}));
    EXPECT_FALSE(arena_.hold(me_, {}));
    arena_.free({12345, 1});
    EXPECT_EQ(arena_.usage(), before_);
}

TEST(ArenaSize, all_places_can_be_used_and_used_again) {
    Arena arena = cohort::test::small_arena();
    const auto fill = [&] {
        std::vector<BlockName> names;
        try {
            for (;;) names.push_back(arena.allocate(BlockTag::in_flight(), 64));
        } catch (const std::bad_alloc& error) {
            EXPECT_NE(std::string(error.what()).find("shared memory of this tree of processes"), std::string::npos);
        }
        for (const BlockName name : names) arena.free(name);
        return names.size();
    };
    EXPECT_EQ(fill(), 1024U);
    EXPECT_EQ(fill(), 1024U);
}

TEST_F(ArenaTest, parts_go_with_the_whole) {
    const BlockName queue = object();
    arena_.allocate(BlockTag::part_of(queue.place), 1000);
    arena_.allocate(BlockTag::queued_in(queue.place, 77), 100'000);
    const BlockName other = arena_.allocate(BlockTag::owned_by(me_), 10);
    EXPECT_EQ(arena_.usage().blocks, 3U);
    arena_.drop(me_, queue);
    EXPECT_EQ(arena_.usage().blocks, 1U);
    arena_.free(other);
}

TEST_F(ArenaTest, a_parcel_holds_what_it_names) {
    const std::array names{object(), object()};
    const BlockName parcel = arena_.pack(BlockTag::in_flight(), names);
    for (const BlockName name : names) arena_.drop(me_, name);
    EXPECT_EQ(arena_.usage().objects, 2U);
    EXPECT_TRUE(arena_.hold(me_, names[1]));
    arena_.free(parcel);
    EXPECT_EQ(arena_.usage().objects, 1U);
    arena_.drop(me_, names[1]);
    EXPECT_EQ(arena_.usage().objects, 0U);
}

TEST_F(ArenaTest, a_long_chain_of_parcels_ends_without_recursion) {
    constexpr int kLength = 2'000;
    BlockName last = object();
    for (int i = 0; i != kLength; ++i) {
        const BlockName whole = object();
        const std::array names{last};
        arena_.pack(BlockTag::queued_in(whole.place, 5), names);
        arena_.drop(me_, last);
        last = whole;
    }
    EXPECT_EQ(arena_.usage().objects, kLength + 1U);
    arena_.drop(me_, last);
    EXPECT_EQ(arena_.usage().objects, 0U);
    EXPECT_EQ(arena_.usage().blocks, 0U);
}

TEST_F(ArenaTest, a_copy_of_a_process_holds_what_it_held) {
    const BlockName name = object();
    const Owner child = arena_.reserve(me_, true);
    arena_.drop(me_, name);
    EXPECT_EQ(arena_.usage().objects, 1U);
    arena_.roster().bury(child, ExitStatus::exited(0));
    arena_.sweep(child);
    EXPECT_EQ(arena_.usage().objects, 0U);
}

TEST_F(ArenaTest, the_dead_hold_and_own_nothing_once_swept) {
    const BlockName shared = object();
    const Owner dead = dead_child([&](Owner child) {
        arena_.hold(child, shared);
        arena_.create_object(child, 100'000, 100);
        arena_.allocate(BlockTag::owned_by(child), 5000);
    });
    EXPECT_EQ(arena_.usage().objects, 2U);
    arena_.sweep(dead);
    arena_.sweep(dead);
    EXPECT_EQ(arena_.usage().objects, 1U);
    EXPECT_EQ(arena_.usage().blocks, 0U);
    EXPECT_TRUE(arena_.roster().at(dead.slot()).is_nobody());
}

TEST_F(ArenaTest, deaths_that_nobody_reports_are_found) {
    dead_child([&](Owner child) { arena_.create_object(child, 64, 64); });
    // One whose parent died before it entered, and with it.
    dead_child([&](Owner child) { arena_.reserve(child, true); });
    EXPECT_EQ(arena_.reap(), 3U);
    EXPECT_EQ(arena_.usage().objects, 0U);
}

TEST_F(ArenaTest, a_fresh_image_sees_the_same) {
    const BlockName name = object(200);
    std::memcpy(arena_.data(name), "text", 5);
    Arena other = Arena::attach(cohort::Descriptor(::dup(arena_.segment().descriptor().get())));
    EXPECT_EQ(other.id(), arena_.id());
    EXPECT_STREQ(reinterpret_cast<const char*>(other.data(name)), "text");
    EXPECT_NE(other.data(name), arena_.data(name));
}

TEST_F(ArenaTest, threads_and_processes_take_and_give_at_once) {
    const auto work = [&](Owner owner, unsigned seed) {
        std::mt19937 random(seed);
        std::vector<BlockName> names;
        for (int i = 0; i != 2000; ++i) {
            if (names.empty() || random() % 2 == 0) {
                const std::size_t bytes = 1 + random() % 3000;
                names.push_back(arena_.create_object(owner, bytes, bytes));
                *reinterpret_cast<std::uint32_t*>(arena_.data(names.back())) = names.back().place;
            } else {
                std::swap(names[random() % names.size()], names.back());
                if (*reinterpret_cast<std::uint32_t*>(arena_.data(names.back())) != names.back().place) std::abort();
                arena_.drop(owner, names.back());
                names.pop_back();
            }
        }
        for (const BlockName name : names) arena_.drop(owner, name);
    };
    const Owner second = arena_.reserve(me_, false);
    ForkedChild child([&] { work(second, 1); });
    std::thread a([&] { work(me_, 2); });
    work(me_, 3);
    a.join();
    EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(arena_.usage().objects, 0U);
}

// Killed anywhere, in the critical sections too: what is derived is derived anew.
TEST_F(ArenaTest, deaths_in_the_middle_leave_nothing_behind) {
    const auto memory = cohort::test::shared_memory(sizeof(std::atomic<int>));
    auto& rounds = *new (memory.data()) std::atomic<int>(0);
    const auto use = [&](Owner owner) {
        const std::array names{arena_.create_object(owner, 100, 100), arena_.create_object(owner, 70'000, 100)};
        const BlockName parcel = arena_.pack(BlockTag::owned_by(owner), names);
        const BlockName block = arena_.allocate(BlockTag::owned_by(owner), 200'000);
        for (const BlockName name : names) arena_.drop(owner, name);
        arena_.free(parcel);
        arena_.free(block);
    };
    for (int i = 0; i != 60; ++i) {
        rounds = 0;
        const Owner owner = arena_.reserve(me_, true);
        ForkedChild child([&] {
            arena_.roster().enter(owner);
            for (;; ++rounds) use(owner);
        });
        while (rounds < i % 5) std::this_thread::yield();
        child.kill();
        arena_.roster().bury(owner, child.wait());
        arena_.sweep(owner);
        EXPECT_EQ(arena_.usage().objects, 0U);
        EXPECT_EQ(arena_.usage().blocks, 0U);
    }
}

}  // namespace
