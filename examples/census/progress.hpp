// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>

namespace census {

/// Shows on stderr how many files have been read: a line that is drawn over itself if it is a terminal, else one now
/// and then.
class Progress {
public:
    Progress();

    void add(std::size_t files);
    /// Draws for the last time, and ends the line.
    void finish();

private:
    using Clock = std::chrono::steady_clock;

    void draw();

    bool terminal_;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point next_;
    std::size_t files_ = 0;
};

}  // namespace census
