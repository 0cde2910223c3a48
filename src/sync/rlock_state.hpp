// SPDX-License-Identifier: MIT
#pragma once

#include "sync/caller.hpp"
#include "sync/lock_state.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cohort::sync {

/// What the copies of an RLock share: a lock that the thread which holds it may take again.
///
/// Invariants
///  1. `holder_` names a thread only while its process holds `lock_`: it is written after the lock was taken and
///  cleared before it is released. So a thread that finds itself there holds the lock.
///  2. `depth_` belongs to the holder, who sets it with each first acquire.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child, which holds nothing.
/// DEATH: of the holder's process: the next acquire() gets it and is told; what stands in holder_ names nobody who
/// lives. The end of a thread alone releases nothing.
class RLockState {
public:
    /// The size in shared memory.
    static constexpr std::size_t bytes() noexcept { return sizeof(RLockState); }

    /// Takes it, once more if the caller holds it; else waits until it is free or its holder's process is dead. Goes on
    /// when a signal handler ran.
    /// @returns abandoned for the first acquire after a death only
    Acquired acquire(const Caller& caller, Until until);
    /// The same if the caller holds it, or nobody. The dead are not looked for.
    /// @param thread  as in Caller
    bool try_acquire(shm::Owner process, std::uint32_t thread) noexcept {
        if (holder_.load(std::memory_order_relaxed) == name_of(process, thread)) {
            depth_.store(depth_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return true;
        }
        if (!lock_.try_acquire(process)) return false;
        own(name_of(process, thread), 1);
        return true;
    }
    /// Undoes one acquire; the last one frees it.
    /// @returns false, and does nothing, if the calling thread does not hold it
    bool release(const Caller& caller) noexcept { return release(caller.process, caller.thread); }
    bool release(shm::Owner process, std::uint32_t thread) noexcept {
        if (holder_.load(std::memory_order_relaxed) != name_of(process, thread)) return false;
        const std::uint32_t depth = depth_.load(std::memory_order_relaxed);
        if (depth > 1)
            depth_.store(depth - 1, std::memory_order_relaxed);
        else
            disown();
        return true;
    }

    /// Whether somebody holds it, who may be dead.
    bool locked() const noexcept { return lock_.locked(); }
    /// The process that holds it; nobody if it is free.
    shm::Owner holder() const noexcept { return lock_.holder(); }
    /// Whether the calling thread holds it.
    bool is_held_by(const Caller& caller) const noexcept {
        return holder_.load(std::memory_order_relaxed) == name_of(caller.process, caller.thread);
    }
    /// How often the holder has acquired it; 0 while it is free.
    std::uint32_t depth() const noexcept { return locked() ? depth_.load(std::memory_order_relaxed) : 0; }
    /// Whether the one who holds it took it over from a dead one. False again after the last release.
    bool abandoned() const noexcept { return lock_.abandoned(); }

    /// As of a LockState.
    const LockState& base() const noexcept { return lock_; }
    /// For conditions: gives it up at once, however deep, and takes it again as it was.
    /// REQUIRES: the calling thread holds it.
    /// @returns the depth
    std::uint32_t release_all(const Caller& caller) noexcept;
    bool acquire_again(const Caller& caller, std::uint32_t depth);

private:
    static std::uint64_t name_of(shm::Owner process, std::uint32_t thread) noexcept {
        return std::uint64_t{process.raw()} << 32 | thread;
    }
    // Only the holder reads what it wrote here, and others compare it with themselves: no order is needed.
    void own(std::uint64_t name, std::uint32_t depth) noexcept {
        depth_.store(depth, std::memory_order_relaxed);
        holder_.store(name, std::memory_order_relaxed);
    }
    void disown() noexcept {
        depth_.store(0, std::memory_order_relaxed);
        holder_.store(0, std::memory_order_relaxed);
        lock_.release();
    }

    LockState lock_;
    std::atomic<std::uint32_t> depth_{0};
    std::atomic<std::uint64_t> holder_{0};  // the process in the upper half, the thread in the lower one
};

}  // namespace cohort::sync
