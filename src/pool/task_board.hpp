// SPDX-License-Identifier: MIT
#pragma once

#include "pool/callable_shelf.hpp"
#include "pool/flight_table.hpp"
#include "pool/job.hpp"
#include "pool/job_queue.hpp"
#include "pool/memory.hpp"
#include "pool/pacing.hpp"
#include "shm/lending_arena.hpp"
#include "shm/ring.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cohort::pool {

class PayloadSink;

/// An item that was lost with its worker.
struct LostItem {
    Job* job = nullptr;
    std::size_t index = 0;
    std::uint32_t runs = 0;  ///< how often it was run again before
};

/// What the parent knows of tasks: which wait, which are in flight, which items of each job are still open. Puts tasks
/// into the ring and takes their results; knows nothing of processes.
///
/// Invariants
///  1. An open item is either not handed out yet (index >= job.next), or waiting to be handed out again, or in exactly
///     one flight, or a LostItem that somebody has yet to settle.
///  2. The items of a flight get their outcomes in order: those before `done` have one.
///
/// Thread safety: none.
class TaskBoard {
public:
    /// @param parent  the owner that claims cells of the ring for this process
    /// @param target  what reads the messages
    TaskBoard(const Memory& memory, shm::Owner parent, serial::Target target);
    TaskBoard(const TaskBoard&) = delete;
    TaskBoard& operator=(const TaskBoard&) = delete;

    /// Queues a job behind those that are there. REQUIRES: it has items, or streams.
    void add(std::shared_ptr<Job> job);
    /// The same with an asynchronous call of one item for which no job is made before that is handed out. It holds
    /// itself. REQUIRES: its callable is of a kind that can be written later.
    void add(detail::AsyncCall& call);
    /// Adds items to a job that streams.
    void extend(Job& job, std::size_t items);
    /// The job's caller goes away: nothing more is handed out, and no result is read.
    void abandon(Job& job);
    /// The job's call ends now, with this error; as abandon() in all else.
    void cancel(Job& job, const std::exception_ptr& error);
    /// Ends a call that has no job yet, with this error.
    void cancel(detail::AsyncCall& call, const std::exception_ptr& error);
    /// Whether the job has been added and some of its items are open.
    bool has(const Job& job) const noexcept { return job.place != Job::kNowhere; }
    /// Jobs with open items, and calls that have no job yet.
    std::size_t jobs() const noexcept { return jobs_.size() - idle_streams_ + calls_; }
    /// Whether there is something since the last time that a caller waits for: the end of a job that is not
    /// asynchronous, results of one that streams.
    bool take_news() noexcept { return std::exchange(news_, false); }
    /// Asynchronous jobs among them, for which nobody need be waiting.
    std::size_t asynchronous_jobs() const noexcept { return asynchronous_; }
    /// Takes the asynchronous calls that have ended since the last time.
    std::vector<std::shared_ptr<detail::AsyncCall>> take_ended() noexcept { return std::exchange(ended_, {}); }
    bool has_ended_calls() const noexcept { return !ended_.empty(); }
    /// Takes the asynchronous calls that want to know, and that a worker has begun with since the last time.
    std::vector<std::shared_ptr<detail::AsyncCall>> take_started() noexcept { return std::exchange(started_, {}); }
    bool has_started_calls() const noexcept { return !started_.empty(); }
    std::size_t in_flight() const noexcept { return flights_.count(); }
    /// Whether a worker may be about to send parts of a result, or to ask for an argument.
    bool has_parts() const noexcept { return !gathered_.empty() || long_flights_ != 0; }
    /// The argument of a task in flight that goes by an ArgumentWindow; empty if nobody wants its result any more.
    std::span<const std::byte> long_argument(TaskId id);
    /// Memory for the ArgumentWindow of a place. @throws as LendingArena::allocate()
    shm::BlockId window(std::uint32_t place);

    /// Puts tasks into the ring as long as that pays, in the order of the jobs. @returns whether there was one
    bool fill();
    /// Whether tasks are left that are not in the ring.
    bool has_more() const noexcept { return !again_.empty() || !unfinished_.empty(); }

    /// REQUIRES: has(job).
    std::shared_ptr<Job> share(const Job& job) const { return jobs_[job.place]; }
    /// The job of a task in flight; null if it is over.
    const Job* job_of(TaskId id) noexcept {
        const Flight* flight = flights_.find(id);
        return flight ? flight->job : nullptr;
    }
    /// The index of an item of a task in flight. REQUIRES: job_of(id).
    std::size_t index_of(TaskId id, std::uint32_t item) noexcept { return flights_.find(id)->first + item; }
    /// The shortest of the timeouts of the jobs here; empty if none has one.
    std::optional<std::chrono::nanoseconds> shortest_timeout() const noexcept {
        return timeouts_.empty() ? std::nullopt : std::optional(*timeouts_.begin());
    }

    /// Takes a result. A message that cannot be one of a task in flight is ignored.
    void settle(const ResultMessage& message);
    /// settle() of a result of this task comes soon.
    void expect(TaskId id) const noexcept { flights_.expect(id); }
    /// Gives an item its error, or another run, if that is what its caller wants of this error.
    void fail(LostItem item, std::exception_ptr error);
    /// How many items have got an outcome so far, of all jobs.
    std::uint64_t outcomes() const noexcept { return outcomes_; }

    /// A worker has died; all its results have been settled. Its tasks are queued again, but for the item that it ran.
    /// @param running  the task in its roster line, and the place of the item in it
    /// @param batch    the results of the items before that one that it had not published: Memory::batch()
    /// @param verdict  why the parent has ended it; null: it died
    /// @returns the item that it ran, unless that is queued again too
    std::optional<LostItem> recover(shm::Owner dead, TaskId running, std::uint32_t item,
                                    std::span<const std::byte> batch, const std::exception_ptr& verdict);

    /// Gives every open item this error.
    void fail_all(const std::exception_ptr& error);

    /// Takes no more tasks into the ring; workers leave when it is empty.
    void end() noexcept { ring_.close(); }

    std::size_t waiting() const noexcept { return static_cast<std::size_t>(ring_.size()); }
    const Pacing& pacing() const noexcept { return pacing_; }
    void set_workers(std::size_t workers) noexcept { pacing_.set_workers(workers); }
    /// The ticket that the next task will have.
    std::uint64_t next_ticket() const noexcept { return next_ticket_; }

private:
    // Items of one job that follow each other, and how often the first was run before.
    struct Batch {
        Job* job = nullptr;
        std::size_t first = 0;
        std::size_t items = 0;
        std::uint32_t runs = 0;
    };

    void take_up(detail::AsyncCall& call);
    std::shared_ptr<Job> job_of(detail::AsyncCall& call);
    std::shared_ptr<Job> job_of(detail::SentCall& call, ShelvedCallable& shelved);
    ShelvedCallable* shelve(const CallableKey& key);
    std::shared_ptr<detail::AsyncCall> dismiss(detail::AsyncCall& call) noexcept;
    void keep(std::shared_ptr<Job> job);

    bool sends_by_window(const Batch& batch) noexcept;

    // What has come of a result that comes in parts.
    struct Gathered {
        std::unique_ptr<serial::GrowingValue> value{};
        std::exception_ptr error{};
    };

    bool next_chooses_chunks() const noexcept;
    Batch next_batch() const;
    void advance(std::size_t items);
    bool put_next(std::byte* room);
    std::exception_ptr encode(Batch& batch, const TaskMessage& message, PayloadSink& sink, TaskHandles& handles);
    std::exception_ptr encode_fixed(Batch& batch, PayloadSink& sink);
    void send(const Batch& batch, TaskMessage& message);
    bool publish_callable(Job& job);
    shm::BlockId write_block(const serial::BufferSink& bytes);
    void announce(std::uint32_t number, shm::BlockId block, std::size_t size) noexcept;

    void gather(TaskId id, const Job& job, const Payload& payload);
    bool take_gathered(TaskId id, const LostItem& item, serial::Source& last);
    void settle_up_to(TaskId id, std::uint32_t end, ResultKind kind, std::span<const std::byte> results);
    void outcome(Job& job, std::size_t first, std::size_t count);
    void land(TaskId id, const Flight& flight) noexcept;
    void finish(Job& job);
    void end_if_done(Job& job);
    void free_line(Job& job);
    bool wants_again(const Job& job, std::uint32_t runs, const std::exception_ptr& error) const;
    void requeue(Job& job, std::size_t first, std::size_t items, std::uint32_t runs);
    std::optional<LostItem> recover_running(TaskId id, std::uint32_t item, const std::exception_ptr& verdict);
    void recover_taken(TaskId id);

    const Memory& memory_;
    shm::Owner parent_;
    shm::Ring ring_;
    shm::LendingArena arena_;
    Pacing pacing_;
    FlightTable flights_;
    std::unordered_map<std::uint64_t, Gathered> gathered_;  // by the number of the task
    std::vector<shm::BlockId> windows_;                     // of the places, from the first
    std::size_t long_flights_ = 0;
    std::vector<std::shared_ptr<Job>> jobs_;   // each knows its place
    std::size_t calls_ = 0;                    // that have no job yet
    std::vector<std::shared_ptr<Job>> spare_;  // have ended, and will be renewed
    CallableShelf shelf_;
    const serial::Target target_;
    serial::BufferSink scratch_;
    JobQueue unfinished_;      // jobs with items that were never handed out
    std::deque<Batch> again_;  // items that are handed out once more
    std::vector<std::shared_ptr<detail::AsyncCall>> ended_;
    std::vector<std::shared_ptr<detail::AsyncCall>> started_;
    std::multiset<std::chrono::nanoseconds> timeouts_;  // of the jobs that have one
    std::size_t asynchronous_ = 0;
    std::size_t idle_streams_ = 0;  // among the jobs, without open items
    bool news_ = false;
    bool failing_all_ = false;  // nothing is run again
    std::vector<std::uint32_t> free_lines_;
    std::uint64_t next_ticket_ = 0;
    std::uint64_t tasks_put_ = 0;  // so far; tickets do not begin with zero
    std::uint64_t outcomes_ = 0;
    std::size_t bytes_in_flight_ = 0;
};

}  // namespace cohort::pool
