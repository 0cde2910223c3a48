// SPDX-License-Identifier: MIT
#pragma once

#include "shm/doorbell.hpp"
#include "shm/ring.hpp"
#include "shm/roster.hpp"
#include "unit/shm/shared_memory.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cohort::test {

/// A small ring, a roster and a doorbell in shared memory; the parent is the survivor. Items are numbered from 1.
class RingWorld {
public:
    static constexpr std::uint32_t kCells = 4;

    RingWorld();

    /// Puts the next number, if there is room.
    bool try_put(shm::Owner owner);
    /// Puts the next number as the survivor. REQUIRES: there is room.
    void put();
    /// Takes as `owner` and does not release.
    shm::Ring::Take hold(shm::Owner owner) { return ring.try_take(owner); }
    /// Takes the oldest item. REQUIRES: there is one.
    std::uint64_t get();

    /// How many items may be neither there nor counted as lost: those that the dead had not put or had consumed.
    struct Missing {
        std::uint64_t least = 0;
        std::uint64_t most = 0;
    };
    /// The survivors' work: takes out what is left, checks its order, and that all numbers before next_number are there
    /// or lost, but for the missing; then moves some laps of items, closes the ring and sees its end.
    void survive(Missing missing);

    std::span<const std::byte> watched() const { return {memory_.data(), memory_.size()}; }
    /// What put() would put next; an operation under test announces that it puts one more.
    std::uint64_t next_number = 1;
    /// From this number on, numbers were put at once and may come in any order.
    std::uint64_t first_at_once = ~std::uint64_t{0};

private:
    std::uint32_t move_one_lap();

    os::Mapping memory_;

public:
    shm::Doorbell& bell;
    shm::Roster roster;
    shm::Ring ring;
    shm::Owner survivor;  ///< the parent
    shm::Owner victim;    ///< entered by the child
    shm::Owner other;     ///< alive, and does nothing by itself
    shm::Owner dead;      ///< died long ago
};

}  // namespace cohort::test
