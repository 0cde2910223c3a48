// SPDX-License-Identifier: MIT
#include "shm/lending_arena.hpp"

#include "os/fault.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <set>
#include <system_error>
#include <vector>

using cohort::shm::BlockId;
using cohort::shm::LendingArena;
using cohort::shm::Segment;

namespace {

class LendingArenaTest : public testing::Test {
protected:
    static constexpr std::size_t kRange = std::size_t{1} << 30;
    Segment segment_ = Segment::create("cohort-test", 2 * kRange);
    LendingArena arena_{segment_, segment_.carve(kRange, 4096), kRange};

    std::byte* data(BlockId block) const { return LendingArena::data(segment_, block); }
    bool give_back(BlockId block) const { return LendingArena::give_back(segment_, block); }
};

TEST_F(LendingArenaTest, blocks_are_large_enough_aligned_and_apart) {
    std::vector<std::pair<std::byte*, std::size_t>> blocks;
    for (std::size_t bytes : {0UL, 1UL, 100UL, 192UL, 193UL, 4096UL, 65'535UL, 65'536UL, 1'000'000UL, 10'000'000UL}) {
        const BlockId block = arena_.allocate(bytes);
        EXPECT_GE(LendingArena::capacity(segment_, block), bytes);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data(block)) % 64, 0U);
        std::memset(data(block), static_cast<int>(blocks.size() + 1), bytes);
        blocks.emplace_back(data(block), bytes);
    }
    for (std::size_t i = 0; i != blocks.size(); ++i)
        for (std::size_t at = 0; at != blocks[i].second; ++at)
            ASSERT_EQ(blocks[i].first[at], static_cast<std::byte>(i + 1));
}

TEST_F(LendingArenaTest, the_warmest_returned_block_is_used_again) {
    for (std::size_t bytes : {100UL, 100'000UL}) {
        const BlockId first = arena_.allocate(bytes);
        const BlockId second = arena_.allocate(bytes);
        EXPECT_TRUE(give_back(second));
        const BlockId third = arena_.allocate(bytes);
        EXPECT_EQ(data(third), data(second));
        EXPECT_NE(data(third), data(first));
        EXPECT_NE(third, second);
    }
}

TEST_F(LendingArenaTest, a_block_that_is_out_is_not_used_again) {
    std::vector<BlockId> out;
    for (int i = 0; i != 1000; ++i) out.push_back(arena_.allocate(100));
    for (int i = 0; i != 1000; i += 2) give_back(out[static_cast<std::size_t>(i)]);
    std::set<std::byte*> used;
    for (int i = 1; i != 1001; i += 2) used.insert(data(out[static_cast<std::size_t>(i)]));
    for (int i = 0; i != 1000; ++i) EXPECT_TRUE(used.insert(data(arena_.allocate(100))).second);
}

TEST_F(LendingArenaTest, a_loan_ends_once) {
    const BlockId old = arena_.allocate(100);
    EXPECT_FALSE(arena_.all_returned());
    EXPECT_TRUE(give_back(old));
    EXPECT_TRUE(arena_.all_returned());
    EXPECT_FALSE(give_back(old));
    const BlockId next = arena_.allocate(100);
    ASSERT_EQ(data(next), data(old));
    EXPECT_FALSE(give_back(old));  // whose loan was another one
    EXPECT_FALSE(arena_.all_returned());
    EXPECT_TRUE(give_back(next));
}

TEST_F(LendingArenaTest, a_steady_stream_needs_no_more_room_than_is_out) {
    std::vector<BlockId> window;
    std::set<std::byte*> places;
    for (std::size_t i = 0; i != 10'000; ++i) {
        window.push_back(arena_.allocate(1'000));
        places.insert(data(window.back()));
        if (i >= 16) give_back(window[i - 16]);
    }
    EXPECT_LE(places.size(), 64U);
}

TEST_F(LendingArenaTest, a_child_gives_back) {
    const BlockId block = arena_.allocate(10'000);
    std::memset(data(block), 7, 10'000);
    cohort::test::ForkedChild child([&] {
        EXPECT_EQ(data(block)[9'999], std::byte{7});
        EXPECT_TRUE(give_back(block));
    });
    EXPECT_TRUE(child.wait().success());
    EXPECT_TRUE(arena_.all_returned());
}

TEST_F(LendingArenaTest, a_used_up_range_is_an_error_until_something_comes_back) {
    LendingArena small(segment_, segment_.carve(1 << 20, 4096), 1 << 20);
    std::vector<BlockId> out;
    EXPECT_THROW(for (;;) out.push_back(small.allocate(100'000)), std::bad_alloc);
    EXPECT_EQ(out.size(), 8U);
    for (auto block : {out[1], out[2], out[3]}) give_back(block);
    for (int i = 0; i != 3; ++i) small.allocate(100'000);
    EXPECT_THROW(small.allocate(100'000), std::bad_alloc);
    EXPECT_THROW(small.allocate(~std::size_t{0}), std::bad_alloc);
}

TEST_F(LendingArenaTest, lack_of_memory_is_an_error_and_loses_nothing) {
    for (std::size_t bytes : {100UL, 100'000UL}) {
        const std::size_t before = arena_.populated();
        {
            cohort::os::Fault fault("madvise(MADV_POPULATE_WRITE)", ENOMEM);
            EXPECT_THROW(arena_.allocate(bytes), std::system_error);
        }
        EXPECT_EQ(arena_.populated(), before);
        EXPECT_TRUE(arena_.all_returned());
        EXPECT_TRUE(give_back(arena_.allocate(bytes)));
    }
    {
        cohort::os::Fault fault("madvise(MADV_POPULATE_WRITE)", ENOMEM,
                                2);  // the first page of the block is there, the rest is not
        EXPECT_THROW(arena_.allocate(200'000), std::system_error);
    }
    std::memset(data(arena_.allocate(200'000)), 1, 200'000);
}

TEST_F(LendingArenaTest, a_large_block_is_populated_only_as_far_as_needed) {
    const BlockId block = arena_.allocate(5 << 20);
    EXPECT_LE(arena_.populated(), (5U << 20) + 8192);
    give_back(block);
    give_back(arena_.allocate(6 << 20));
    EXPECT_LE(arena_.populated(), (6U << 20) + 8192);
    give_back(arena_.allocate(5 << 20));
    EXPECT_LE(arena_.populated(), (6U << 20) + 8192);
}

TEST_F(LendingArenaTest, trim_gives_the_memory_of_free_blocks_back) {
    const BlockId kept = arena_.allocate(1 << 20);
    std::memset(data(kept), 7, 1 << 20);
    const BlockId freed = arena_.allocate(8 << 20);
    give_back(freed);
    arena_.trim(0);
    EXPECT_LE(arena_.populated(), (1U << 20) + 3 * 4096);
    EXPECT_EQ(data(kept)[(1 << 20) - 1], std::byte{7});
    std::memset(data(arena_.allocate(8 << 20)), 1, 8 << 20);
}

TEST_F(LendingArenaTest, random_use_never_gives_a_block_twice) {
    std::mt19937 random(7);
    std::vector<std::pair<BlockId, std::size_t>> out;
    for (int i = 0; i != 20'000; ++i) {
        if (out.size() < 50 || random() % 2 == 0) {
            const std::size_t bytes = std::size_t{8} << (random() % 16);
            const BlockId block = arena_.allocate(bytes);
            std::memcpy(data(block), &block.raw, sizeof block.raw);
            std::memcpy(data(block) + bytes - sizeof block.raw, &block.raw, sizeof block.raw);
            out.emplace_back(block, bytes);
        } else {
            std::swap(out[random() % out.size()], out.back());
            const auto [block, bytes] = out.back();
            out.pop_back();
            ASSERT_EQ(std::memcmp(data(block), &block.raw, sizeof block.raw), 0);
            ASSERT_EQ(std::memcmp(data(block) + bytes - sizeof block.raw, &block.raw, sizeof block.raw), 0);
            ASSERT_TRUE(give_back(block));
        }
    }
}

}  // namespace
