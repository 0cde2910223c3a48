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
    std::size_t first = 0;     ///< its first item's index in the job
    std::uint32_t items = 0;   ///< 0: the line is free
    std::uint32_t done = 0;    ///< items that have an outcome; they get it in order
    std::uint32_t deaths = 0;  ///< workers that died while they ran it; only of single items
    Payload payload{};         ///< to give its block back
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
        its.flight = flight;
        ++count_;
        return {line, ++its.uses};
    }

    /// The task with this number; null if it is over, or never was.
    Flight* find(TaskId id) noexcept {
        if (id.line() >= lines_.size()) return nullptr;
        Line& line = lines_[id.line()];
        return line.flight.items != 0 && TaskId(id.line(), line.uses) == id ? &line.flight : nullptr;
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
    struct Line {
        Flight flight{};
        std::uint64_t uses = 0;
        std::uint32_t next_free = kNone;
    };

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
