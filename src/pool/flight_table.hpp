// SPDX-License-Identifier: MIT
#pragma once

#include "pool/message.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cohort::pool {

class Job;

/// A task that was handed out and is not over: in the ring, or in a worker.
struct Flight {
    Job* job = nullptr;
    std::size_t first = 0;          ///< its first item's index in the job
    std::uint32_t items = 0;        ///< 0: the line is free
    std::uint32_t done = 0;         ///< items that have an outcome; they get it in order
    std::uint32_t runs = 0;         ///< how often it was run before; only of single items
    bool is_long = false;           ///< its argument is sent when a worker asks for it
    std::uint64_t block = 0;        ///< a shm::BlockId: of its arguments, if they are in a block
    std::uint64_t block_bytes = 0;  ///< how many these are; 0: there is no block
};

/// The tasks in flight, by number. Lines are used again, the last one freed first, so that a pool with few tasks in
/// flight stays in few cache lines.
///
/// Thread safety: none.
class FlightTable {
public:
    TaskId add(const Flight& flight) {
        if (free_ == kNone) grow();
        const std::uint32_t line = free_;
        Line& its = lines_[line];
        free_ = its.next_free;
        if (free_ != kNone) __builtin_prefetch(&lines_[free_], 1);
        // One by one, straight from where they come; a copy of the whole waits for its parts to be in memory.
        its.flight.job = flight.job;
        its.flight.first = flight.first;
        its.flight.items = flight.items;
        its.flight.done = flight.done;
        its.flight.runs = flight.runs;
        its.flight.is_long = flight.is_long;
        its.flight.block = flight.block;
        its.flight.block_bytes = flight.block_bytes;
        ++count_;
        return {line, ++its.uses};
    }

    /// The task with this number; null if it is over, or never was.
    Flight* find(TaskId id) noexcept {
        if (id.line() >= lines_.size()) return nullptr;
        Line& line = lines_[id.line()];
        return line.flight.items != 0 && TaskId(id.line(), line.uses) == id ? &line.flight : nullptr;
    }

    /// find() of this number comes soon.
    void expect(TaskId id) const noexcept {
        if (id.line() < lines_.size()) __builtin_prefetch(&lines_[id.line()], 1);
    }

    /// REQUIRES: find(id).
    void remove(TaskId id) noexcept {
        Line& line = lines_[id.line()];
        line.flight.items = 0;
        line.next_free = free_;
        free_ = id.line();
        --count_;
    }

    std::size_t count() const noexcept { return count_; }

    /// Calls `use(id, flight)` for each task.
    template <class Use>
    void for_each(Use&& use) {
        for (std::uint32_t i = 0; i != lines_.size(); ++i)
            if (lines_[i].flight.items != 0) use(TaskId(i, lines_[i].uses), lines_[i].flight);
    }

private:
    static constexpr std::uint32_t kNone = 0xffffffff;
    // Thousands of tiny tasks are in flight at once: a cache line for each.
    struct alignas(64) Line {
        Flight flight{};
        std::uint64_t uses = 0;
        std::uint32_t next_free = kNone;
    };
    static_assert(sizeof(Line) == 64);

    void grow() {
        const auto line = static_cast<std::uint32_t>(lines_.size());
        lines_.emplace_back();
        free_ = line;
    }

    std::vector<Line> lines_;
    std::uint32_t free_ = kNone;
    std::size_t count_ = 0;
};

}  // namespace cohort::pool
