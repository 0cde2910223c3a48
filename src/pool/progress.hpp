// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace cohort::pool {

/// Shows on stderr how far a call has come: a bar that is drawn over itself if it is a terminal, else a line at long
/// intervals. Without a label nothing.
///
/// Thread safety: one thread at a time.
class Progress {
public:
    using Clock = std::chrono::steady_clock;

    Progress(std::string label, std::size_t total);

    /// To be called often; draws when it is time.
    void show(std::size_t done);
    /// Draws for the last time, and ends the line.
    void finish(std::size_t done);

private:
    void draw(std::size_t done, Clock::time_point now);
    std::string text(std::size_t done, Clock::time_point now) const;

    std::string label_;
    std::size_t total_;
    bool terminal_ = false;
    Clock::time_point begin_{};
    Clock::time_point next_{};
};

}  // namespace cohort::pool
