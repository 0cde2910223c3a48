// SPDX-License-Identifier: MIT
#pragma once

#include "shm/life_lock.hpp"
#include "shm/owner.hpp"
#include "shm/watch.hpp"

#include <cohort/base/exit_status.hpp>

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cohort::shm {

/// Who is there: a line in shared memory for each process of a tree or pool, with its number, its life lock and what it
/// is doing. The object is a process-local view.
///
/// The life of a line: free → reserve() → reserved → enter() → entering → live → ended → retire() → free with the next
/// generation.
/// It becomes ended when the process leave()s, when somebody finds its life lock marked and it dead, or by bury().
///
/// Invariants
///  1. A pair (slot, generation) stands for one process at most, ever: a line whose generations are used up stays
///  ended.
///  2. An owner is dead if its line is ended or has another generation, and stays so.
///  3. The state changes by CAS on one word that holds the generation, too.
///
/// Thread safety: all functions, from any thread of any process; enter() and leave() for the process itself.
/// FORK: a child is not its parent: it acts under an owner that was reserved for it, or registers anew.
/// DEATH: of the process of a live line: is_dead() tells, in microseconds. Of one between reserve() and enter():
/// whoever reserved the line bury()s it. Of the one that reserved: the line stays reserved.
class Roster {
public:
    /// Layers above keep a few words of their own for each process.
    static constexpr std::size_t kNotes = 5;

    /// The size in shared memory. @param lines at most Owner::kSlots
    static std::size_t bytes(std::uint32_t lines) noexcept;
    /// Makes all lines free. `memory` is aligned to 128 and nobody else uses it yet.
    static void format(std::byte* memory, std::uint32_t lines) noexcept;
    /// The same in memory that is all zeros: touches the first 128 bytes only.
    static void format_zeroed(std::byte* memory, std::uint32_t lines) noexcept;
    /// A view of a formatted roster.
    /// @throws std::runtime_error if the memory holds none or one of another layout version
    explicit Roster(std::byte* memory);

    std::uint32_t lines() const noexcept { return lines_; }
    /// So many lines, from the first, were ever reserved.
    std::uint32_t used_lines() const noexcept;
    /// Whose line it is; nobody's if it is free. @param slot less than lines()
    Owner at(std::uint32_t slot) const noexcept;
    /// Where the line begins and ends, as offsets in the roster's memory.
    static constexpr std::size_t kLineBytes = 128;
    static constexpr std::size_t offset_of(Owner owner) noexcept {
        return kLineBytes * (owner.slot() + std::size_t{1});
    }

    /// Takes a free line for a process that is going to start. Nobody if there is none.
    Owner reserve() noexcept;
    /// The process itself, in a thread that lives as long as the process: takes the life lock. From now on its death is
    /// seen by all.
    /// @returns false, and touches nothing, if the line has ended before: then it is not the caller's any more
    /// @throws std::system_error if /proc cannot be read
    bool enter(Owner me) { return enter(me, current_process_mark()); }
    /// @param mark of the calling thread
    bool enter(Owner me, const ProcessMark& mark) noexcept;
    /// The process itself, in the thread that entered, goes in peace.
    void leave(Owner me) noexcept;
    /// Says that the process is known to have ended (reaped, or never started), and how.
    void bury(Owner dead, ExitStatus status) noexcept;
    /// Ends the line of a process that has not begun to enter, and will not be let in. False if it has begun.
    bool end_reserved(Owner owner, ExitStatus status) noexcept;
    /// Ends the line of a process that died while it entered. False if that is not known.
    bool end_entering(Owner owner, ExitStatus status) noexcept;
    /// Frees the line of an ended process. Call it after everything that it owned was swept.
    void retire(Owner dead) noexcept;

    /// Whether the process will never run another instruction. Two loads while it lives. False for a reserved line.
    bool is_dead(Owner owner) const noexcept;
    /// Whether its process lives, but is stopped: it goes on when somebody continues it. Reads /proc.
    bool is_stopped(Owner owner) const noexcept;
    /// For rings: is_dead() of this roster, which outlives them.
    Liveness liveness() const noexcept;
    /// What a sleeper adds to its wait to be woken by this process's death; empty if it has not entered or has ended.
    std::optional<Watch> watch(Owner owner) const noexcept;
    /// Wakes all who watch this process. The kernel wakes only one of them: whoever learns of a death calls this.
    void wake_watchers(Owner owner) const noexcept;

    /// The number of the process; 0 before it entered.
    pid_t pid(Owner owner) const noexcept;
    /// Whether its line waits for it to enter.
    bool is_reserved(Owner owner) const noexcept;
    /// Whether it has entered, and nobody has seen its end.
    bool is_live(Owner owner) const noexcept;
    /// Whether any process has entered, or is about to, and lives.
    bool anybody_lives() const noexcept;
    /// How it ended, if bury() has said so and the line is not retired.
    std::optional<ExitStatus> exit_status(Owner owner) const noexcept;

    /// What the process is doing: a word for the layer above, in a cache line that only this process's events touch.
    /// Zero after reserve().
    std::atomic<std::uint64_t>& doing(Owner owner) const noexcept;
    /// More words of the layer above, beside doing(). Zero after reserve().
    /// @param index 0 … kNotes - 1
    std::atomic<std::uint64_t>& note(Owner owner, std::size_t index) const noexcept;

private:
    struct Header;
    struct Line;
    enum class State : std::uint32_t { free, reserved, live, ended, entering };

    static std::uint64_t word_of(std::uint32_t generation, State state) noexcept;
    Line& line(Owner owner) const noexcept;
    static ProcessMark mark_in(const Line& line) noexcept;
    bool is(Owner owner, State state) const noexcept;
    Owner reserve_at(std::uint32_t slot) noexcept;
    bool move(Owner owner, State from, State to) const noexcept;

    Line* first_;
    std::uint32_t lines_;
    Header* header_;
};

}  // namespace cohort::shm
