// SPDX-License-Identifier: MIT
#include "chaos/ring_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>

namespace cohort::test {

namespace {

constexpr shm::Ring::Shape kShape{RingWorld::kCells, 32};
constexpr std::uint32_t kLines = 4;
constexpr std::size_t kRosterAt = 128;

std::size_t ring_at() {
    return kRosterAt + shm::Roster::bytes(kLines);
}

std::uint64_t number_in(const shm::Ring::Take& slot) {
    std::uint64_t numbers[3];
    std::memcpy(numbers, slot.data, sizeof numbers);
    EXPECT_EQ(numbers[1], numbers[0]) << "torn";
    EXPECT_EQ(numbers[2], numbers[0]) << "torn";
    return numbers[0];
}

std::byte* formatted(const os::Mapping& memory) {
    shm::Roster::format(memory.data() + kRosterAt, kLines);
    shm::Ring::format(memory.data() + ring_at(), kShape);
    return memory.data();
}

}  // namespace

RingWorld::RingWorld()
    : memory_(shared_memory(ring_at() + shm::Ring::bytes(kShape))),
      bell(*new (formatted(memory_)) shm::Doorbell),
      roster(memory_.data() + kRosterAt),
      ring(memory_.data() + ring_at(), roster.liveness()),
      survivor(roster.reserve()),
      victim(roster.reserve()),
      other(roster.reserve()),
      dead(roster.reserve()) {
    // Lines that were never entered count as alive.
    roster.bury(dead, ExitStatus::signaled(9));
}

bool RingWorld::try_put(shm::Owner owner) {
    auto slot = ring.try_claim(owner);
    if (!slot) return false;
    const std::uint64_t numbers[3] = {next_number, next_number, next_number};
    std::memcpy(slot.data, numbers, sizeof numbers);
    ring.commit(slot);
    ++next_number;
    return true;
}

void RingWorld::put() {
    ASSERT_TRUE(try_put(survivor));
}

std::uint64_t RingWorld::get() {
    const auto slot = ring.try_take(survivor);
    EXPECT_EQ(slot.status, shm::RingStatus::done);
    if (!slot) return 0;
    const std::uint64_t number = number_in(slot);
    ring.release(slot);
    return number;
}

// Fills the ring and empties it. How many items it held.
std::uint32_t RingWorld::move_one_lap() {
    const std::uint64_t first = next_number;
    while (try_put(survivor)) continue;
    for (std::uint64_t number = first; number != next_number; ++number) EXPECT_EQ(get(), number);
    return static_cast<std::uint32_t>(next_number - first);
}

void RingWorld::survive(Missing missing) {
    const std::uint64_t put_before = next_number - 1;
    std::vector<std::uint64_t> numbers;
    while (ring.size() != 0) {
        const auto slot = ring.try_take(survivor);
        if (slot.status == shm::RingStatus::empty) break;  // what was claimed last had no item
        ASSERT_EQ(slot.status, shm::RingStatus::done);
        numbers.push_back(number_in(slot));
        ring.release(slot);
    }
    const auto at_once =
        std::find_if(numbers.begin(), numbers.end(), [&](auto number) { return number >= first_at_once; });
    EXPECT_TRUE(std::is_sorted(numbers.begin(), at_once));
    const std::uint64_t count = std::set(numbers.begin(), numbers.end()).size();
    EXPECT_EQ(count, numbers.size()) << "an item came twice";
    EXPECT_EQ(ring.size(), 0U);
    // A claim of the dead keeps its cell until a consumer has passed it, for at most one lap. Two laps free every cell,
    // and with it everything that the dead had taken.
    EXPECT_GE(move_one_lap(), kCells - 2);
    EXPECT_EQ(move_one_lap(), kCells);
    const std::uint64_t gone = put_before - count - ring.lost();
    EXPECT_GE(gone, missing.least);
    EXPECT_LE(gone, missing.most);
    ring.close();
    EXPECT_EQ(ring.try_claim(survivor).status, shm::RingStatus::ended);
    EXPECT_EQ(ring.try_take(survivor).status, shm::RingStatus::ended);
}

}  // namespace cohort::test
