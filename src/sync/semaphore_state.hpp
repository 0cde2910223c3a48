// SPDX-License-Identifier: MIT
#pragma once

#include "sync/caller.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace cohort::sync {

/// What the copies of a Semaphore or BoundedSemaphore share: a number of units, and how many of them each process holds
/// through guards. The units of a process that dies come back if it held them through a guard (acquire_held()); what it
/// took by acquire() is gone, as with POSIX semaphores.
///
/// The word: the units left in bits 0 to 30, bit 31 that somebody sleeps, then the last operation on held units: its
/// number (19 bits), whose it was (slot, 12 bits) and whether it gave or took. Beside the state lies a ledger with a
/// word for each slot of the roster: generation, number of the last operation, units held.
///
/// Invariants
///  1. An operation on held units happens by one CAS of the word, which takes or gives the units and names it. The
///  ledger follows by a CAS from the operation's number minus one: whoever finds it behind does that, so it is done
///  once, and done before the word names another operation.
///  2. So the ledger of a slot is exact, or one operation behind and the word names that operation.
///  3. A ledger word changes its generation only when it holds no units.
///  4. Who sleeps has seen no units and bit 31. Who gives units takes the bit and wakes as many; who got units after a
///  sleep sets the bit again and wakes another one if units are left.
/// The number has 19 bits: a helper that is stopped between its look and its CAS for exactly a multiple of 2^19
/// operations on that slot would do a wrong one.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child, which holds nothing.
/// DEATH: of a holder: who waits gives its units back, in microseconds, at latest after a period; or sweep(). At any
/// instruction inside an operation: it has happened or not.
class SemaphoreState {
public:
    static constexpr std::uint32_t kMaxValue = std::numeric_limits<std::int32_t>::max();
    /// The most units that one process holds at a time through guards.
    static constexpr std::uint32_t kMaxHeld = (1U << 26) - 1;

    enum class Released {
        yes,
        too_many,  ///< over the bound: nothing was released
        not_held,  ///< the process holds no unit that it took by acquire_held(): nothing was released
    };

    /// The size in shared memory, with the ledger: sparse, only words of slots that hold units are touched. All of it
    /// is zero before the constructor runs at its beginning.
    static constexpr std::size_t bytes() noexcept;

    /// REQUIRES: value <= bound <= kMaxValue.
    /// @param bound the most units there may be
    explicit SemaphoreState(std::uint32_t value, std::uint32_t bound = kMaxValue) noexcept
        : word_(value | kNoOperation), bound_(bound) {}
    SemaphoreState(const SemaphoreState&) = delete;
    SemaphoreState& operator=(const SemaphoreState&) = delete;

    /// Waits for a unit and takes it. Goes on when a signal handler ran.
    /// @returns false when the moment `until` has come
    bool acquire(const Caller& caller, Until until);
    /// Takes a unit, if there is one.
    bool try_acquire() noexcept {
        std::uint64_t seen = word_.load(std::memory_order_relaxed);
        while (units_of(seen) != 0)
            if (word_.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel)) return true;
        return false;
    }
    /// Gives `count` units.
    Released release(std::uint32_t count = 1) noexcept;

    /// acquire() and release(1), of a unit that comes back if the process dies. Any thread of the process may release.
    /// @throws std::length_error if the process holds kMaxHeld already
    bool acquire_held(const Caller& caller, Until until);
    Released release_held(const Caller& caller) noexcept;
    /// Gives such a unit back as a death does: over the bound it is dropped.
    void drop_held(const Caller& caller) noexcept { give_held(caller.process, std::uint64_t{bound_} + 1); }

    std::uint32_t value() const noexcept { return units_of(word_.load(std::memory_order_acquire)); }
    std::uint32_t bound() const noexcept { return bound_; }
    /// How many units the process holds through guards.
    std::uint32_t held(shm::Owner owner) noexcept;

    /// Gives back what a dead process held through guards.
    /// REQUIRES: it is dead.
    /// @returns how many units
    std::uint32_t sweep(shm::Owner dead) noexcept;

private:
    using Word = std::atomic<std::uint64_t>;
    enum class Taken { yes, no_units, try_again };
    class Holders;

    static constexpr std::uint64_t kUnits = kMaxValue;
    static constexpr std::uint64_t kNoOperation = std::uint64_t{shm::Owner::kSlots} << 51;  // of a slot that is none
    static std::uint32_t units_of(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word & kUnits); }

    Word& ledger(std::uint32_t slot) const noexcept;
    void complete(std::uint64_t word) noexcept;
    void begin_line(shm::Owner owner, std::uint64_t seen) noexcept;
    Taken take(std::uint64_t sleeper) noexcept;
    Taken take_held(shm::Owner owner, std::uint64_t sleeper);
    template <class Take>
    bool acquire_by(Take take, const Caller& caller, Until until);
    void sleep(const shm::Roster& roster, Until until);
    Released give_held(shm::Owner owner, std::uint64_t most) noexcept;
    void wake(std::uint32_t count) noexcept;

    // The futex is the half of it with the units.
    alignas(64) Word word_;
    std::uint32_t bound_;
    // Which parts of the ledger were ever used: a bit for each 64 slots.
    Word used_{0};
    static_assert(Word::is_always_lock_free);
};

constexpr std::size_t SemaphoreState::bytes() noexcept {
    return sizeof(SemaphoreState) + sizeof(std::uint64_t) * shm::Owner::kSlots;
}

}  // namespace cohort::sync
