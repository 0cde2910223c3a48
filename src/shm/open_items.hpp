// SPDX-License-Identifier: MIT
#pragma once

#include "os/robust_mutex.hpp"
#include "shm/doorbell.hpp"
#include "shm/roster.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cohort::shm {

/// What a joinable queue knows of the items that were taken and of which task_done() was not said yet: a line for each
/// process, by its place in the roster.
///
/// A line has two words. `taken`: how many items its owner took, and the last one that is counted there; written after
/// the take and before the cell is free. `done`: for how many of them somebody has said so, and how many were given up
/// because their taker died. Both only grow; their numbers are cut to 32 bits, so less than 2^31 items are open in one
/// process. A place of the roster that is used again goes on with its line.
///
/// Invariants
///  1. An item in the hands of a process is open in its line, or its cell is still full and its number is after the
///     line's last one. So what is open is read from the memory, and no death leaves a wrong count.
///  2. Each word changes by one store or CAS: an item is counted whole or not at all, and given up once.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child, which counts in a line of its own.
/// DEATH: give_up() of the dead counts what it had open as done and as lost; it may be called again.
class OpenItems {
    struct Header;
    struct Line;

public:
    /// The size in shared memory. A line that was never used is never touched.
    static std::size_t bytes(std::uint32_t lines) noexcept;
    /// Nothing is open. `memory` is zeroed, aligned to 128, and nobody else uses it yet.
    static void format(std::byte* memory) noexcept;
    OpenItems(std::byte* memory, const Roster& roster) noexcept;

    /// Held around a take and its count: the threads of one process count in the order of their takes.
    class Counting {
    public:
        Counting(OpenItems& items, Owner me) noexcept;
        ~Counting();
        Counting(const Counting&) = delete;
        Counting& operator=(const Counting&) = delete;
        /// Counts items that were just taken. @param last the number of the last one among all puts of the queue
        void count(std::uint32_t items, std::uint64_t last) noexcept;

    private:
        Line* line_;
    };

    /// Whether an item that `taker` has in its hands is counted in its line. @param number as in count()
    bool counted(Owner taker, std::uint64_t number) const noexcept;
    /// Who has the line of `me` and is dead, for a place of the roster is used again; else nobody. Its cells are to be
    /// swept before `me` counts.
    Owner predecessor(Owner me) const noexcept;
    /// One item is done: of those that `me` took, or else of those of the living process whose last take is the oldest.
    /// @returns false if nothing is open
    bool task_done(Owner me) noexcept;
    /// How many items the living have open; those of the dead are given up.
    std::uint64_t open() noexcept;
    /// The items of a dead process are done, and lost.
    void give_up(Owner dead) noexcept;
    /// How many were given up; those of the dead are.
    std::uint64_t lost() noexcept;

    /// For those who wait until everything is done. Rung by task_done()'s caller and by give_up().
    Doorbell& all_done() const noexcept;
    /// The first living process that has something open; nobody if there is none.
    Owner somebody_busy() const noexcept;

private:
    Line& line(std::uint32_t slot) const noexcept;
    static Owner owner_of(const Line& line) noexcept;
    void enter(Line& line, Owner me) noexcept;
    static bool settle_one(Line& line) noexcept;
    static bool give_up(Line& line) noexcept;

    Header* header_;
    const Roster* roster_;
};

}  // namespace cohort::shm
