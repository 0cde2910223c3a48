// SPDX-License-Identifier: MIT
#include "shm/spsc_ring.hpp"

#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <thread>

using cohort::shm::SpscReader;
using cohort::shm::SpscRing;
using cohort::shm::SpscWriter;

namespace {

constexpr SpscRing::Shape kShape{8, 64};

struct RingMemory {
    cohort::os::Mapping mapping = cohort::test::shared_memory(SpscRing::bytes(kShape));
    RingMemory() { SpscRing::format(data(), kShape); }
    std::byte* data() const { return mapping.data(); }
};

bool put(SpscWriter& writer, std::uint64_t value) {
    std::byte* room = writer.room();
    if (room == nullptr) return false;
    std::memcpy(room, &value, sizeof value);
    writer.publish();
    return true;
}

// The value, or 0 if there is none.
std::uint64_t get(SpscReader& reader) {
    const std::byte* front = reader.front();
    if (front == nullptr) return 0;
    std::uint64_t value;
    std::memcpy(&value, front, sizeof value);
    reader.release();
    return value;
}

TEST(SpscRing, gives_items_in_order_and_is_full_after_its_cells) {
    RingMemory memory;
    SpscWriter writer(memory.data());
    SpscReader reader(memory.data());
    for (std::uint64_t lap = 0; lap != 3; ++lap) {
        for (std::uint64_t i = 1; i <= kShape.cells; ++i) EXPECT_TRUE(put(writer, 100 * lap + i));
        EXPECT_FALSE(put(writer, 1));
        EXPECT_EQ(writer.size(), kShape.cells);
        for (std::uint64_t i = 1; i <= kShape.cells; ++i) EXPECT_EQ(get(reader), 100 * lap + i);
        EXPECT_EQ(get(reader), 0U);
    }
}

TEST(SpscRing, an_item_is_the_oldest_until_it_is_released) {
    RingMemory memory;
    SpscWriter writer(memory.data());
    SpscReader reader(memory.data());
    put(writer, 1);
    put(writer, 2);
    EXPECT_EQ(reader.front(), reader.front());
    EXPECT_TRUE(reader.release());  // of eight cells each is an eighth
    EXPECT_EQ(get(reader), 2U);
}

TEST(SpscRing, an_item_without_publish_is_not_there) {
    RingMemory memory;
    SpscWriter writer(memory.data());
    SpscReader reader(memory.data());
    EXPECT_EQ(writer.room(), writer.room());
    EXPECT_EQ(reader.front(), nullptr);
}

TEST(SpscRing, what_a_killed_writer_published_is_whole) {
    RingMemory memory;
    cohort::test::ForkedChild child([&] {
        SpscWriter writer(memory.data());
        for (std::uint64_t i = 1; i <= 5; ++i) put(writer, i);
        *writer.room() = std::byte{99};
        raise(SIGKILL);
    });
    EXPECT_EQ(child.wait().signal(), SIGKILL);
    SpscReader reader(memory.data());
    for (std::uint64_t i = 1; i <= 5; ++i) EXPECT_EQ(get(reader), i);
    EXPECT_EQ(get(reader), 0U);
}

TEST(SpscRing, new_ends_go_on_where_the_old_ones_were) {
    RingMemory memory;
    {
        SpscWriter writer(memory.data());
        SpscReader reader(memory.data());
        for (std::uint64_t i = 1; i <= 7; ++i) put(writer, i);
        for (std::uint64_t i = 1; i <= 3; ++i) get(reader);
    }
    SpscWriter writer(memory.data());
    SpscReader reader(memory.data());
    EXPECT_TRUE(put(writer, 8));
    for (std::uint64_t i = 4; i <= 8; ++i) EXPECT_EQ(get(reader), i);
    EXPECT_EQ(get(reader), 0U);
}

TEST(SpscRing, a_new_reader_finishes_what_a_dead_one_began) {
    RingMemory memory;
    SpscWriter writer(memory.data());
    for (std::uint64_t i = 1; i <= kShape.cells; ++i) put(writer, i);
    SpscReader(memory.data()).release();
    // As if the reader had died between its two stores: the first cell looks full, though it was released.
    const std::uint64_t first_ticket = kShape.cells;
    std::byte* cell = memory.data() + SpscRing::bytes(kShape) - std::size_t{kShape.cells} * kShape.cell_bytes;
    std::memcpy(cell, &first_ticket, sizeof first_ticket);
    EXPECT_FALSE(put(writer, 9));
    SpscReader reader(memory.data());
    EXPECT_TRUE(put(writer, 9));
    for (std::uint64_t i = 2; i <= 9; ++i) EXPECT_EQ(get(reader), i);
}

TEST(SpscRing, zeroed_memory_is_no_ring) {
    auto memory = cohort::test::shared_memory(4096);
    EXPECT_THROW(SpscReader reader(memory.data()), std::runtime_error);
}

constexpr std::uint64_t kMany = 50'000;

void write_many(std::byte* memory) {
    SpscWriter writer(memory);
    for (std::uint64_t i = 1; i <= kMany; ++i)
        while (!put(writer, i)) std::this_thread::yield();
}

void read_many(std::byte* memory) {
    SpscReader reader(memory);
    for (std::uint64_t i = 1; i <= kMany; ++i) {
        while (!reader.readable()) std::this_thread::yield();
        ASSERT_EQ(get(reader), i);
    }
}

TEST(SpscRing, two_processes_lose_and_reorder_nothing) {
    RingMemory memory;
    cohort::test::ForkedChild writer([&] { write_many(memory.data()); });
    read_many(memory.data());
    EXPECT_TRUE(writer.wait().success());
}

TEST(SpscRing, two_threads_lose_and_reorder_nothing) {
    RingMemory memory;
    std::thread writer([&] { write_many(memory.data()); });
    read_many(memory.data());
    writer.join();
}

}  // namespace
