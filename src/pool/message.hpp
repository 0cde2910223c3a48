// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cohort::pool {

/// The number of a task in the hands of the ring or of a worker: a line of the parent's FlightTable and how often that
/// line was used. Never used twice in the life of a pool; zero is no task.
class TaskId {
public:
    static constexpr unsigned kLineBits = 24;
    static constexpr std::uint64_t kLineMask = (std::uint64_t{1} << kLineBits) - 1;

    constexpr TaskId() noexcept = default;
    constexpr TaskId(std::uint32_t line, std::uint64_t use) noexcept : raw_(use << kLineBits | line) {}
    static constexpr TaskId from_raw(std::uint64_t raw) noexcept {
        TaskId id;
        id.raw_ = raw;
        return id;
    }
    constexpr std::uint32_t line() const noexcept { return static_cast<std::uint32_t>(raw_ & kLineMask); }
    constexpr std::uint64_t raw() const noexcept { return raw_; }
    explicit constexpr operator bool() const noexcept { return raw_ != 0; }
    friend constexpr bool operator==(TaskId, TaskId) noexcept = default;

private:
    std::uint64_t raw_ = 0;
};

/// The bytes that a message carries: in place when they are few, else in a block of the sender's arena.
struct Payload {
    static constexpr std::size_t kInline = 32;

    std::uint64_t size;
    union {
        std::byte bytes[kInline];
        std::uint64_t block;  ///< a shm::BlockId; if size > kInline
    };
};

/// Parent to workers, through the task ring: one item or a chunk of items of one job.
///
/// The payload of one item is its arguments; in a chunk a 64-bit size stands before the arguments of each, unless all
/// have the same size.
struct TaskMessage {
    /// Instead of a line of the job table: the payload begins with the callable, as a JobLine holds it, and its
    /// arguments follow.
    static constexpr std::uint32_t kOwnCallable = 0xffffffff;
    static constexpr std::size_t kMostItems = 0x3ffffff;

    std::uint64_t task;
    std::uint32_t job;              ///< line of the job table, or kOwnCallable
    std::uint32_t items : 26;       ///< at least 1
    std::uint32_t is_single : 1;    ///< the only one of its job: it is cancelled by its number, not by a JobLine
    std::uint32_t is_chunk : 1;     ///< also a chunk of one item is one
    std::uint32_t is_guarded : 1;   ///< its worker runs each item under a Guard
    std::uint32_t tells_start : 1;  ///< its worker says when it begins: ResultKind::started
    std::uint32_t wants_parts : 1;  ///< long results may come in parts: ResultKind::part
    std::uint32_t is_long : 1;      ///< its argument's items are not in it, but come by an ArgumentWindow
    Payload payload;
};

/// What a result message says.
enum class ResultKind : std::uint32_t {
    value,               ///< the item's result
    values,              ///< the results, all of one size, of the item and those before it that have no outcome yet
    error,               ///< the exception record of what its run threw
    dropped,             ///< nothing: its job was abandoned, it was not run, nor those before it without an outcome
    started,             ///< nothing: it is not the item's outcome, which is still to come
    wants_argument,      ///< nothing: the worker is ready for the argument's items
    part,                ///< the next bytes of the item's result, whose last ones come as `value`
    initializer_failed,  ///< task 0: the exception record of what the initializer threw
};

/// Worker to parent, through the worker's result ring: the outcome of one item, or of several that follow each other.
struct ResultMessage {
    static constexpr std::uint32_t kMostTime = (1U << 28) - 1;

    std::uint64_t task;
    std::uint32_t item;  ///< its place in the chunk
    ResultKind kind : 4;
    std::uint32_t took : 28;  ///< milliseconds, to within a few; of several items the last: the others took less
    Payload payload;
};

/// What all workers need to know of a job: its callable, written once.
struct JobLine {
    std::uint64_t generation;  ///< how often the line was used: a worker that has loaded this one keeps what it loaded
    std::uint64_t block;       ///< a shm::BlockId: the trampoline's token, then the callable's bytes
    std::uint64_t size;
    std::atomic<std::uint64_t> abandoned;  ///< the generation whose tasks need not be run any more
};

static_assert(sizeof(TaskMessage) == 56 && sizeof(ResultMessage) == 56);

}  // namespace cohort::pool
