// SPDX-License-Identifier: MIT
#pragma once

#include "pool/guard.hpp"
#include "pool/memory.hpp"
#include "pool/result_batch.hpp"
#include "pool/task_handles.hpp"
#include "shm/lending_arena.hpp"
#include "shm/owner.hpp"
#include "shm/ring.hpp"
#include "shm/roster.hpp"
#include "shm/spinner.hpp"
#include "shm/spsc_ring.hpp"

#include <cohort/base/function_ref.hpp>
#include <cohort/pool/detail/task_body.hpp>
#include <cohort/serial/source.hpp>

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace cohort::pool {

/// What a worker is told when it starts.
struct WorkerOrder {
    std::uint32_t place = 0;
    shm::Owner owner{};
    std::optional<shm::ProcessMark> mark{};  ///< of its process, where it was read ahead
    std::size_t tasks = 0;                   ///< leaves after so many; 0: stays
    std::size_t memory_limit = 0;            ///< PoolOptions::memory_limit
    bool pin_cpus = false;
    std::size_t memory_recycle = 0;  ///< PoolOptions::memory_recycle
    static constexpr std::chrono::nanoseconds kNever = std::chrono::nanoseconds::max();
    std::chrono::nanoseconds idle_timeout = kNever;
};

/// A worker: takes one task after the other from the ring, runs it, and leaves its result in its own ring.
///
/// For each task: take the cell → write the task into the roster line → give the cell back → for each item: write its
/// place into the line, run it, publish its result → clear the line. At any instant the parent can tell from the tag,
/// the line and the results what a dead worker had in its hands. Items that the parent may end are run under a Guard.
///
/// Results of a chunk that are all of one size are gathered in a ResultBatch, in which the parent finds them if the
/// worker dies, and published together: at the end of the chunk, before an error, when the batch is full, and when the
/// coarse clock has moved, so that no result of a long item waits for another, and the message can say how long it
/// took.
///
/// Thread safety: for the worker's main thread.
/// FORK: a copy of the worker that a task makes by its own fork ends when the task returns in it.
/// DEATH: see Crew.
class Worker {
public:
    Worker(const Memory& memory, const WorkerOrder& order);

    /// Runs the initializer, then tasks until there are no more, or it is time to leave; then `exit`.
    /// @returns false if the initializer threw: the parent was told what
    bool run(detail::FunctionRef<void()> initializer, detail::FunctionRef<void()> exit);

private:
    struct Loaded {
        std::uint64_t generation = 0;
        detail::LoadedTask task{};
    };
    class ResultSink;
    class LongArgument;

    bool initialize(detail::FunctionRef<void()> initializer);
    std::optional<TaskMessage> next_task();
    void wait_for_tasks();
    void sleep_until_tasks(shm::Doorbell::Ticket ticket);
    bool has_grown_too_large() const;
    bool is_idle_too_long() const noexcept;
    // By a clock that costs a few nanoseconds, and is right to a few milliseconds.
    static std::uint32_t coarse_milliseconds() noexcept;
    std::uint32_t time_of_item() noexcept;
    void run_task(const TaskMessage& message);
    void run_chunk(const TaskMessage& message, const detail::LoadedTask& task, serial::Source& in);
    void run_batches(const TaskMessage& message, const detail::LoadedTask& task, serial::Source& in);
    void run_on(const TaskMessage& message, const detail::LoadedTask& task, serial::Source& in, std::uint32_t& item);
    void run_fixed(const detail::LoadedTask& task, serial::Source& in);
    void end_guard() noexcept;
    void publish_batch(const TaskMessage& message, std::uint32_t end, std::uint32_t took);
    void count_item() noexcept;
    void run_item(std::uint64_t id, std::uint32_t item, const detail::LoadedTask& task, serial::Source& in);
    void load(detail::LoadedTask& task, serial::Source& in) const;
    const detail::LoadedTask& loaded(std::uint32_t line, ReceivedHandles& handles);
    bool is_abandoned(const TaskMessage& message) const noexcept;
    void drop_items(const TaskMessage& message, std::uint32_t first);
    void say_started(const TaskMessage& message);
    void fail_items(const TaskMessage& message, const std::exception_ptr& error);
    void report(std::uint64_t id, std::uint32_t item, ResultKind kind, const std::exception_ptr& error,
                std::string trace);
    void publish();
    void send_result();
    void pause_item(detail::FunctionRef<void()> wait);
    bool parent_keeps_up(std::size_t bytes);
    ResultMessage& room();
    std::byte* wait_for_room();
    void leave_if_copy() const noexcept;
    std::exception_ptr judge(std::exception_ptr error) const;

    std::atomic<std::uint64_t>& note(Note which) const noexcept { return Memory::note(roster_, order_.owner, which); }

    const Memory& memory_;
    const WorkerOrder order_;
    Signals& signals_;
    shm::Roster roster_;
    std::atomic<std::uint64_t>& doing_;  // in its roster line: the task that it runs, and
    std::atomic<std::uint64_t>& item_;   // the place of the item in it
    Guard guard_;
    bool guarded_ = false;      // the task that it runs
    bool wants_parts_ = false;  // the same
    shm::Ring tasks_;
    shm::SpscWriter results_;
    shm::LendingArena arena_;
    ResultBatch batch_;
    std::vector<std::byte> result_;  // of an item, until it is certain that this process is the worker
    shm::Doorbell& room_bell_;
    shm::Spinner spinner_;
    JobLine* const job_lines_;
    std::vector<Loaded> jobs_;
    const pid_t pid_;
    PlaceStats& stats_;
    Phase leaves_as_ = Phase::retiring;
    std::size_t memory_at_start_ = 0;  // private bytes, where that matters
    Guard::Clock::time_point idle_since_{};
    std::uint32_t item_began_ = 0;  // by coarse_milliseconds()
    std::uint64_t items_ = 0;
    std::uint64_t taken_ = 0;  // tasks
    unsigned published_ = 0;
};

}  // namespace cohort::pool
