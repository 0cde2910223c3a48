// SPDX-License-Identifier: MIT
#pragma once

#include "pool/guard.hpp"
#include "pool/memory.hpp"
#include "pool/slowest.hpp"
#include "pool/task_board.hpp"
#include "pool/worker_source.hpp"
#include "shm/owner.hpp"
#include "shm/roster.hpp"
#include "shm/spsc_ring.hpp"
#include "shm/watch.hpp"

#include <cohort/base/exit_status.hpp>
#include <cohort/pool/pool_stats.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace cohort::pool {

/// The workers as their parent sees them: takes their results, notices their deaths, gives each dead one's tasks back
/// to the board and its place to a new one.
///
/// Thread safety: none.
/// DEATH: of a worker: its results are taken first; then the task that it ran is known from its roster line or its tag
/// in the ring. It is replaced at once; the item that it lost gets its error when the nursery has told how it ended.
class Crew {
public:
    /// After so many deaths of workers that were not ready yet, with no task ended between them, the pool is broken.
    static constexpr unsigned kMostFailedStarts = 5;

    Crew(const Memory& memory, TaskBoard& board, WorkerSource& source, std::string pool_name);

    /// Asks for a worker for each place.
    void start_all();

    /// Takes results that have come. @returns whether there was one
    bool collect();
    /// Whether a result has come. Looks at each worker.
    bool has_results() const noexcept;

    /// Looks whether workers have died, and does what is to be done then.
    /// @param thoroughly  look at each, also when nobody has told of a death
    /// @throws BrokenPoolError after kMostFailedStarts, or when no worker can come any more
    void look_after(bool thoroughly);

    /// Ends the workers whose item has run longer than its timeout: it fails with TimeoutError when they have died.
    /// @returns when to look again
    Guard::Clock::time_point end_overdue(Guard::Clock::time_point now);
    /// Ends the workers that run an item of this job, whose call does not wait for it any more.
    void end_running(const Job& job);
    /// Whether a worker runs an item of this job now.
    bool is_running(const Job& job);

    /// Whoever dies from now on is not replaced.
    void disband() noexcept { disbanded_ = true; }
    /// There are to be so many workers: further ones are started, those too many leave after their task.
    /// REQUIRES: 1 … as many as the memory has places for
    void resize(std::size_t workers);
    std::size_t size() const noexcept { return wanted_; }
    /// Starts workers at places that were left for want of tasks, as long as fewer are there than tasks.
    void fill_vacancies(std::size_t tasks);
    PoolStats stats() const;

    /// Sends each worker that has asked for its argument the next part, if there is room. @returns whether one was sent
    bool send_arguments();
    bool can_send() const noexcept;

    /// Whether a worker has ended since the last look, by what the nursery says.
    bool has_news() const noexcept;
    /// Whether a worker will soon have to wait until its results are taken.
    bool is_held_up() const noexcept;
    /// Adds what a sleeper watches to learn of deaths at once; nothing if there are too many workers.
    /// @returns false if one has died: then look after them first
    bool watch_all(std::vector<shm::Watch>& watches) const;

    /// The living, in the order of their places; 0 for one that is being started.
    std::vector<pid_t> pids() const;
    /// Gives up the items that wait for news of how their worker ended.
    void forget_losses(const std::exception_ptr& error);

private:
    struct Worker {
        shm::Owner owner{};
        shm::SpscReader results;
        std::exception_ptr verdict{};  ///< why it was ended: what its item fails with
        TaskId argument{};             ///< the task whose argument it is sent
        std::size_t sent = 0;          ///< so many bytes of it
        bool vacant = false;           ///< nobody is wanted here until there is more to do
        /// Of all who were here before.
        std::size_t items = 0;
        std::chrono::nanoseconds waited{}, busy{};
        std::size_t starts = 0;
    };
    struct Loss {
        shm::Owner owner;
        std::uint32_t place;
        LostItem item;
        Phase phase;
    };

    void employ(std::uint32_t place);
    void leave_vacant(std::uint32_t place);
    void note_slow(const Worker& worker, const ResultMessage& message);
    bool collect_from(Worker& worker, unsigned most);
    void begin_argument(std::uint32_t place, TaskId id);
    bool send_part(std::uint32_t place);
    void end_argument(Worker& worker) noexcept;
    std::uint32_t place_of(const Worker& worker) const noexcept {
        return static_cast<std::uint32_t>(&worker - workers_.data());
    }
    void part_with(std::uint32_t place);
    void end_remains(const Loss& loss);
    void settle_losses();
    void settle(const Loss& loss);
    void count_failed_start(ExitStatus status, int start_errno);
    std::exception_ptr describe(const Loss& loss) const;
    TaskId running(shm::Owner owner) const noexcept;
    Guard guard_of(shm::Owner owner) const noexcept;
    pid_t pid_of(shm::Owner owner) const noexcept;

    const Memory& memory_;
    TaskBoard& board_;
    WorkerSource& source_;
    std::string pool_name_;
    shm::Roster roster_;
    std::vector<Worker> workers_;
    std::vector<Loss> losses_;
    std::uint64_t ended_seen_ = 0;
    unsigned failed_starts_ = 0;
    std::uint64_t outcomes_seen_ = 0;
    std::exception_ptr last_start_error_;
    bool disbanded_ = false;
    std::size_t wanted_;
    std::size_t vacancies_ = 0;
    std::size_t arguments_ = 0;  // that are being sent
    Slowest slowest_;
};

}  // namespace cohort::pool
