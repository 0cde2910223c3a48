// SPDX-License-Identifier: MIT
#pragma once

#include "sync/caller.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cohort::sync {

class LockState;

/// What the copies of a Condition share, beside its lock (a LockState or an RLockState): the waiters, first in, first
/// out. They are only notified, never woken by mistake.
///
/// Each waiter has a cell, one word: owner, state, sequence number; the half with the state is its futex.
///
///            wait()              notify()               has the lock again
///     FREE ----------> WAITING ------------> NOTIFIED --------------------> FREE
///                         |  timeout                \  owner dead: adopted by
///                         +--------> FREE            > a living waiter
///
/// Invariants
///  1. Each step is one CAS of one cell; every prefix of steps is valid.
///  2. A WAITING cell's number tells when its owner came; a NOTIFIED cell's number is the first one that came too late
///  for that notification.
///  3. A notification is a NOTIFIED cell. If its owner is dead or nobody, it belongs to the oldest living waiter that
///  was there when it was given: that one adopts the cell by putting its own name in it, and leaves its former cell. If
///  it was notified there in the same moment, it gives the adopted one up to nobody.
///  4. The waiter frees its cell when it has the lock again, so a death before that leaves the notification.
/// The lock gives the order of numbers; no cell depends on it being held.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child, which waits for nothing.
/// DEATH: of a waiter: notify() passes over it, and if it was notified already, another one is within a period. Of a
/// notifier: a prefix of the oldest was notified, and those who were not woken see it within a period; it leaves the
/// lock abandoned.
class ConditionState {
public:
    /// The most waiters at a time.
    static constexpr std::uint32_t kCells = 8192;
    static constexpr std::uint32_t kAll = UINT32_MAX;

    enum class Waited {
        notified,
        timed_out,  ///< the moment `until` has come, and no notification
        not_held,   ///< the caller does not hold the lock: nothing was done
        no_room,    ///< kCells wait already: nothing was done, the lock is still held
        given_up,   ///< the caller waits no longer, and does not hold the lock; it swallows no notification
    };

    /// The size in shared memory, with the cells: sparse, touched from the beginning, as many as ever waited at a time.
    /// All of it is zero before the constructor runs at its beginning.
    static constexpr std::size_t bytes() noexcept;

    ConditionState() noexcept = default;
    ConditionState(const ConditionState&) = delete;
    ConditionState& operator=(const ConditionState&) = delete;

    /// Gives up the lock, whole, waits to be notified and takes the lock again as it was, also after a timeout. Goes on
    /// when a signal handler ran. If the lock's holder has died meanwhile, the lock says so (abandoned()).
    /// @tparam Lock LockState or RLockState; the same one in every call
    template <class Lock>
    Waited wait(const Caller& caller, Lock& lock, Until until);

    /// Notifies the oldest living waiters. They need the lock to return, and are woken when the calling thread releases
    /// it.
    /// @param count how many; kAll: all
    /// @returns how many were notified; empty if the caller does not hold the lock
    /// @throws std::bad_alloc, when nobody was notified
    template <class Lock>
    std::optional<std::uint32_t> notify(const Caller& caller, const Lock& lock, std::uint32_t count = 1) {
        if (!lock.is_held_by(caller)) return std::nullopt;
        return notify_oldest(caller.roster, lock.base(), count);
    }

    /// How many wait and are not notified yet; dead ones may be among them.
    std::uint32_t waiters() const noexcept;
    /// Without those that have died and were not yet passed over.
    std::uint32_t living_waiters(const shm::Roster& roster) const noexcept;

private:
    using Cell = std::atomic<std::uint64_t>;

    std::span<Cell> cells() const noexcept;
    Cell* claim(const Caller& caller) noexcept;
    Cell* claim_free(std::uint64_t wanted) noexcept;
    std::uint32_t notify_oldest(const shm::Roster& roster, const LockState& lock, std::uint32_t count);
    bool notify_in(Cell& cell, const shm::Roster& roster, const LockState& lock, std::uint32_t end) noexcept;
    Cell* oldest_waiter(const shm::Roster& roster, std::uint32_t end) noexcept;
    std::vector<Cell*> waiters_by_age() const;
    void tell_heirs(const shm::Roster& roster) noexcept;
    void clear_dead(const shm::Roster& roster) noexcept;
    Cell* sleep_in(Cell& cell, const Caller& caller, Until until);
    Cell* inherit(Cell& own, const Caller& caller) noexcept;
    void leave_behind(Cell& cell, const shm::Roster& roster) noexcept;

    alignas(64) std::atomic<std::uint32_t> next_{0};  // the number of the next waiter
    std::atomic<std::uint32_t> used_{0};              // so many cells were ever used
    static_assert(Cell::is_always_lock_free);
};

constexpr std::size_t ConditionState::bytes() noexcept {
    return sizeof(ConditionState) + sizeof(Cell) * kCells;
}

}  // namespace cohort::sync
