// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owner.hpp"
#include "shm/spinner.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace cohort::shm {

class Roster;

/// A lock in shared memory that names its holder, so that the holder's death is seen and anybody may release it, as
/// Python's Lock allows. The kernel's robust futexes do neither.
///
/// The word: the holder in bits 0 to 30 (none: 0), and in bit 31 that somebody sleeps.
///
/// Invariants
///  1. The word goes from no holder to a holder by CAS, and from a dead holder to another one: two never hold it.
///  2. Who sleeps has seen the word with bit 31 and sleeps on that value. A release takes the bit and wakes one; who
///  gets the lock after a sleep sets the bit again, for there may be more, and who gives up after a sleep does the
///  same.
///  3. "Abandoned" is written by the holder alone: set after it took over from a dead one, cleared before its release.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child, which holds nothing: it acts under an owner of its own.
/// DEATH: of the holder: the next acquire() gets the lock and is told. Of a sleeper: nothing is lost; if it was just
/// woken, the others look again within kPeriod.
class OwnedLock {
public:
    /// No sleep is longer, so that a wake for one who did not live to use it costs one period.
    static constexpr std::chrono::milliseconds kPeriod{100};

    using Until = std::optional<std::chrono::steady_clock::time_point>;
    enum class Acquired {
        yes,
        abandoned,    ///< yes, and its holder had died: what it protects may be half changed
        no,           ///< the moment `until` has come
        interrupted,  ///< a signal handler ran in this thread; try again, or do not
    };

    /// Takes it if nobody holds it, one CAS. The dead are not looked for.
    bool try_acquire(Owner me) noexcept {
        std::uint32_t seen = kFree;
        return word_.compare_exchange_strong(seen, me.raw(), std::memory_order_acquire, std::memory_order_relaxed);
    }

    /// Waits until it is free or its holder dead, and takes it.
    /// @param roster  tells who is dead; the holders are in it
    /// @param until   empty: no end. In the past: looks once
    /// @throws std::system_error if the word is not in memory
    Acquired acquire(Owner me, const Roster& roster, Until until, Spinner& spinner) {
        return try_acquire(me) ? Acquired::yes : acquire_slowly(me, roster, until, spinner);
    }

    /// Frees it, whoever holds it.
    /// @returns false if it was free
    bool release() noexcept {
        if (abandoned_.load(std::memory_order_relaxed) != 0) abandoned_.store(0, std::memory_order_relaxed);
        const std::uint32_t before = word_.exchange(kFree, std::memory_order_release);
        if ((before & kSleeper) != 0) wake_one();
        return (before & ~kSleeper) != kFree;
    }

    /// Nobody if it is free. A holder may be dead.
    Owner holder() const noexcept { return Owner::from_raw(word_.load(std::memory_order_acquire) & ~kSleeper); }

    /// Whether the one who holds it took it over from a dead one.
    bool abandoned() const noexcept { return abandoned_.load(std::memory_order_acquire) != 0; }

private:
    static constexpr std::uint32_t kFree = 0;
    static constexpr std::uint32_t kSleeper = std::uint32_t{1} << 31;
    static_assert((Owner(0, Owner::kMaxGeneration).raw() & kSleeper) == 0);

    Acquired acquire_slowly(Owner me, const Roster& roster, Until until, Spinner& spinner);
    void wake_one() noexcept;
    void pass_wake_on() noexcept;

    std::atomic<std::uint32_t> word_{kFree};
    std::atomic<std::uint32_t> abandoned_{0};
    static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
};

}  // namespace cohort::shm
