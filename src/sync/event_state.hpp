// SPDX-License-Identifier: MIT
#pragma once

#include "sync/caller.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cohort::sync {

/// What the copies of an Event share: a flag to wait for.
///
/// One futex word: bit 0 the flag, bit 1 that somebody sleeps, bits 2 to 31 how often the flag was set.
///
/// Invariants
///  1. Who sleeps has seen the word with bit 0 clear and bit 1 set, and sleeps on that value.
///  2. set() replaces the word by (count + 1, flag) in one step, and wakes all if bit 1 was set. So who slept sees
///  another count, even if the flag is clear again by then.
///
/// Thread safety: all functions, from any thread of any process; set(), clear() and is_set() also in signal handlers.
/// FORK: valid in the child.
/// DEATH: of one between the change and the wake: who sleeps sees the flag within a period.
class EventState {
public:
    /// The size in shared memory.
    static constexpr std::size_t bytes() noexcept { return sizeof(EventState); }

    void set() noexcept;
    void clear() noexcept { word_.fetch_and(~kSet, std::memory_order_acq_rel); }
    bool is_set() const noexcept { return (word_.load(std::memory_order_acquire) & kSet) != 0; }

    /// Waits until the flag is set, or was since the call began. Goes on when a signal handler ran.
    /// @returns false when the moment `until` has come
    bool wait(const Caller& caller, Until until);

private:
    static constexpr std::uint32_t kSet = 1;
    static constexpr std::uint32_t kSleeper = 2;
    static constexpr std::uint32_t kOnce = 4;

    std::atomic<std::uint32_t> word_{0};
};

}  // namespace cohort::sync
