// SPDX-License-Identifier: MIT
#pragma once

#include "shm/doorbell.hpp"
#include "sync/caller.hpp"

#include <cohort/base/function_ref.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cohort::sync {

/// What the copies of a Barrier share.
///
/// The word: generation, how many have arrived in it, whether it is broken, and how the generation before ended.
///
///     (g, 0…n−1)  -- arrivals -->  (g, n): the last one runs the action  -->  (g+1, 0, passed)
///          |  timeout, abort, death        |  action throws, abort, death
///          +----------> (g, broken) <------+            reset() in any state --> (g+1, 0, broken)
///
/// Each party has a cell while it is inside wait(): owner, generation, and how that ended.
///
/// Invariants
///  1. An arrival is one CAS of the word; the party's cell names it before that. So a party that died in this
///  generation is found in the cells.
///  2. The end of generation g+1 comes after every cell of generation g was told how that one ended: who sees g+1
///  knows from the word, who wakes up later from the cell.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child, which has not arrived.
/// DEATH: of a party inside wait(), also while it runs the action, before the others were let pass: the barrier breaks
/// for all, in microseconds, at latest within a period. After that: nothing.
class BarrierState {
public:
    static constexpr std::uint32_t kMaxParties = 4096;

    /// The size in shared memory, with the cells: sparse, touched from the beginning, as many as ever waited at a time.
    /// All of it is zero before the constructor runs at its beginning.
    static constexpr std::size_t bytes() noexcept;

    /// REQUIRES: 1 <= parties <= kMaxParties.
    explicit BarrierState(std::uint32_t parties) noexcept : parties_(parties) {}
    BarrierState(const BarrierState&) = delete;
    BarrierState& operator=(const BarrierState&) = delete;

    /// Waits until all parties have arrived. The last one to arrive runs `action` before they pass; if it throws, the
    /// barrier is broken, and the exception goes on here. Goes on when a signal handler ran. An action that takes
    /// longer than `until` is waited for, as in Python.
    /// @param until when this moment comes before all have arrived, or the caller gives up, the barrier is broken
    /// @returns the number of the arrival, 0 … parties − 1; empty: the barrier is broken or was reset
    std::optional<std::uint32_t> wait(const Caller& caller, Until until, cohort::detail::FunctionRef<void()> action);

    /// Whoever waits gets "broken", and the barrier is empty and whole.
    void reset() noexcept;
    /// Breaks the barrier until reset().
    void abort() noexcept;

    std::uint32_t parties() const noexcept { return parties_; }
    /// How many wait; 0 while it is broken. Dead ones may be among them.
    std::uint32_t n_waiting() const noexcept;
    bool broken() const noexcept;

private:
    using Cell = std::atomic<std::uint64_t>;
    struct View;
    class Party;
    class Lives;
    static constexpr std::uint32_t kCells = 2 * kMaxParties;

    std::span<Cell> cells() const noexcept;
    View look() const noexcept;
    bool change(const View& seen, const View& wanted) noexcept;
    bool end_generation(const View& seen, bool passed) noexcept;
    void break_generation(std::uint32_t generation) noexcept;
    void sleep(const Caller& caller, std::uint32_t generation, Until until);
    Cell* claim(std::uint64_t wanted, const shm::Roster& roster) noexcept;
    Cell* claim_free(std::uint64_t wanted) noexcept;
    void clear_dead(const shm::Roster& roster) noexcept;

    alignas(64) std::uint32_t parties_;
    std::atomic<std::uint32_t> used_{0};  // so many cells were ever used
    Cell word_{0};
    shm::Doorbell bell_;
    static_assert(Cell::is_always_lock_free);
};

constexpr std::size_t BarrierState::bytes() noexcept {
    return sizeof(BarrierState) + sizeof(Cell) * kCells;
}

}  // namespace cohort::sync
