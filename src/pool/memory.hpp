// SPDX-License-Identifier: MIT
#pragma once

#include "pool/argument_window.hpp"
#include "pool/message.hpp"
#include "pool/spare.hpp"
#include "shm/doorbell.hpp"
#include "shm/lending_arena.hpp"
#include "shm/owner.hpp"
#include "shm/ring.hpp"
#include "shm/roster.hpp"
#include "shm/segment.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace cohort::pool {

/// What a worker is at, in its roster line: Note::phase.
enum class Phase : std::uint64_t {
    starting,  ///< not yet ready for tasks: it may be in its initializer
    ready,     ///< takes tasks
    retiring,  ///< leaves by itself, with nothing in its hands
    idle,      ///< the same, for want of tasks: its place stays free until there is more to do
};

/// The words of a worker's roster line beside `doing`, which holds the TaskId of the task it runs.
enum class Note : std::size_t {
    item,         ///< the place of the item that it runs in its chunk
    phase,        ///< Phase
    pid,          ///< written by the nursery when it has started the process; or by the worker
    start_errno,  ///< why the nursery could not start it
    guard         ///< Guard: when the item began
};

/// What the workers of a pool and its parent read and write together, each group on cache lines of its own.
struct Signals {
    /// The workers sleep on it until there are tasks.
    alignas(128) shm::Doorbell tasks;
    /// The parent sleeps on it until there are results, or deaths.
    alignas(128) shm::Doorbell results;
    // What the parent wants to be woken for. It sets them before it goes to sleep.
    std::atomic<std::uint64_t> refill_ticket{
        ~std::uint64_t{0}};                ///< a task with this ticket, or a later one, was taken
    std::atomic<bool> each_result{false};  ///< every result, not only the last before a worker idles
    /// Workers that ended or failed to start: counted by the nursery.
    alignas(128) std::atomic<std::uint64_t> ended{0};
    /// Used in turn: the next spare need not wait until the one before has read its order.
    alignas(128) std::array<Spare, 2> spares;
};

/// What the worker at a place says of its work, and what the parent wants of it.
///
/// Thread safety: the words are the worker's, but for `unneeded`. The others read them.
struct alignas(128) PlaceStats {
    using Clock = std::chrono::steady_clock;

    std::atomic<std::uint64_t> items{0};         ///< that it has run to their end
    std::atomic<std::int64_t> ready_since{0};    ///< by the clock, in nanoseconds
    std::atomic<std::int64_t> waited{0};         ///< nanoseconds without a task since then
    std::atomic<std::int64_t> waiting_since{0};  ///< 0: it does not
    std::atomic<std::int64_t> left{0};           ///< when it had nothing more to do; 0: it is there
    std::atomic<bool> unneeded{false};           ///< leave after the task
    std::atomic<std::uint64_t> batch{0};         ///< a shm::BlockId: ResultBatch

    void ready(Clock::time_point now) noexcept { ready_since.store(count(now), std::memory_order_relaxed); }
    void begin_wait(Clock::time_point now) noexcept { waiting_since.store(count(now), std::memory_order_relaxed); }
    void end_wait(Clock::time_point now) noexcept {
        const std::int64_t since = waiting_since.exchange(0, std::memory_order_relaxed);
        waited.store(waited.load(std::memory_order_relaxed) + count(now) - since, std::memory_order_relaxed);
    }
    void leave(Clock::time_point now) noexcept { left.store(count(now), std::memory_order_relaxed); }
    bool is_unneeded() const noexcept { return unneeded.load(std::memory_order_relaxed); }
    /// How long it has waited and worked until now, since it was ready.
    std::pair<std::chrono::nanoseconds, std::chrono::nanoseconds> times(Clock::time_point now) const noexcept {
        const std::int64_t ready = ready_since.load(std::memory_order_relaxed);
        if (ready == 0) return {};
        const std::int64_t gone = left.load(std::memory_order_relaxed);
        const std::int64_t end = gone != 0 ? gone : count(now);
        // The worker may change them in between: never less than nothing.
        const std::int64_t since = waiting_since.load(std::memory_order_relaxed);
        const std::int64_t all = std::max<std::int64_t>(0, end - ready);
        const std::int64_t waits = waited.load(std::memory_order_relaxed) + (since != 0 ? end - since : 0);
        const std::int64_t waiting = std::clamp<std::int64_t>(waits, 0, all);
        return {std::chrono::nanoseconds(waiting), std::chrono::nanoseconds(all - waiting)};
    }

private:
    static std::int64_t count(Clock::time_point moment) noexcept { return moment.time_since_epoch().count(); }
};

/// The memory that a pool's processes share: one sparse segment.
///
/// Layout, version 4: Layout, Signals, roster, task ring, job table, table of cancelled tasks, and for each place of a
/// worker its PlaceStats, a doorbell ("there is room in your result ring, there is more of your argument"), the words
/// of its ArgumentWindow and a result ring; then the arenas, one for the parent and one for each place.
///
/// Thread safety: the object is constant after its making; each part has its own rules.
/// FORK: the child has the same memory at the same address.
/// DEATH: of a worker: its place is made anew by the parent, once nothing of the dead is needed any more.
class Memory {
public:
    static constexpr std::uint32_t kTaskCells = 4096;
    static constexpr std::uint32_t kJobLines = 1024;

    /// @param workers  1 … kMostWorkers: for so many there is memory at first; there may be more, up to places()
    static Memory create(std::uint32_t workers);
    static Memory attach(Descriptor descriptor);
    static constexpr std::uint32_t kMostWorkers = 2048;

    const shm::Segment& segment() const noexcept { return segment_; }
    std::uint32_t workers() const noexcept;
    std::uint32_t places() const noexcept;
    Signals& signals() const noexcept;
    shm::Roster roster() const;
    shm::Ring tasks() const;
    JobLine& job(std::uint32_t line) const noexcept;
    /// Where the parent writes the number of a task with its own callable that was cancelled before it began. Few tasks
    /// share a place: one that was written over is run for nothing.
    std::atomic<std::uint64_t>& cancelled(TaskId id) const noexcept;

    /// Makes the place of a worker ready for the next one: an empty result ring, an empty arena.
    /// REQUIRES: nobody uses it any more.
    void renew_place(std::uint32_t place) const;
    shm::Doorbell& room_bell(std::uint32_t place) const noexcept;
    ArgumentWindow::Words& argument(std::uint32_t place) const noexcept;
    std::byte* results(std::uint32_t place) const noexcept;
    PlaceStats& stats(std::uint32_t place) const noexcept;
    std::uint32_t result_cells() const noexcept;
    shm::LendingArena parent_arena() const;
    shm::LendingArena worker_arena(std::uint32_t place) const;

    /// The bytes that a message carries, as a process sees them that trusts the sender to be one of the pool.
    std::span<const std::byte> bytes(const Payload& payload) const noexcept {
        const std::byte* at =
            payload.size <= Payload::kInline ? payload.bytes : shm::LendingArena::data(segment_, {payload.block});
        return {at, static_cast<std::size_t>(payload.size)};
    }
    /// The results that the worker at a place has not published: as many as its roster line says that there are.
    std::span<const std::byte> batch(std::uint32_t place) const noexcept {
        const shm::BlockId block{stats(place).batch.load(std::memory_order_acquire)};
        if (!block) return {};
        return {shm::LendingArena::data(segment_, block), shm::LendingArena::capacity(segment_, block)};
    }
    /// Ends the use of a payload's block, if it has one.
    void give_back(const Payload& payload) const noexcept {
        if (payload.size > Payload::kInline) shm::LendingArena::give_back(segment_, {payload.block});
    }

    /// A word of a worker's roster line.
    static std::atomic<std::uint64_t>& note(const shm::Roster& roster, shm::Owner worker, Note note) noexcept {
        return roster.note(worker, static_cast<std::size_t>(note));
    }

private:
    struct Layout;
    explicit Memory(shm::Segment segment) noexcept : segment_(std::move(segment)) {}
    const Layout& layout() const noexcept;
    void carve_parts(std::uint32_t workers, std::uint32_t place_count);
    std::size_t place(std::uint32_t place) const noexcept;

    shm::Segment segment_;
};

}  // namespace cohort::pool
