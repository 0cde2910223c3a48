// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owned_lock.hpp"
#include "sync/caller.hpp"
#include "sync/deferred_wakes.hpp"

#include <cstddef>
#include <cstdint>

namespace cohort::sync {

/// What the copies of a Lock share: not recursive, held by a process, released by anybody.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child, which holds nothing.
/// DEATH: of the holder: the next acquire() gets it and is told. Of one who waits: nothing is lost.
class LockState {
public:
    /// The size in shared memory.
    static constexpr std::size_t bytes() noexcept { return sizeof(LockState); }

    /// Waits until it is free or its holder dead, and takes it. Goes on when a signal handler ran.
    Acquired acquire(const Caller& caller, Until until);
    /// Takes it if nobody holds it. The dead are not looked for.
    bool try_acquire(shm::Owner me) noexcept { return lock_.try_acquire(me); }
    /// Frees it, whoever holds it.
    /// @returns false if it was free
    bool release() noexcept {
        const bool was_held = lock_.release();
        deferred_wakes.released(this);
        return was_held;
    }

    /// Whether somebody holds it, who may be dead.
    bool locked() const noexcept { return !lock_.holder().is_nobody(); }
    /// Nobody if it is free.
    shm::Owner holder() const noexcept { return lock_.holder(); }
    /// Whether the caller's process holds it. Which of its threads does is not known: any may release it.
    bool is_held_by(const Caller& caller) const noexcept { return lock_.holder() == caller.process; }
    /// Whether the one who holds it took it over from a dead one. False again after the release.
    bool abandoned() const noexcept { return lock_.abandoned(); }

    /// Whose release wakes whom a condition has notified.
    const LockState& base() const noexcept { return *this; }
    /// For conditions: gives it up whole, and takes it again as it was.
    /// REQUIRES: the caller's process holds it.
    std::uint32_t release_all(const Caller&) noexcept { return release() ? 1 : 0; }
    /// @returns false if the caller gives up: it does not hold it
    bool acquire_again(const Caller& caller, std::uint32_t depth);

private:
    shm::OwnedLock lock_;
};

}  // namespace cohort::sync
