// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cohort::pool {

/// How many items of a call that streams are under way: a number that the caller chose, or few at first, then what the
/// workers end in kReach by the rate at which the items of this call ended so far.
///
/// Thread safety: none.
class ReadAhead {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::nanoseconds kReach = std::chrono::milliseconds(10);
    /// In chunks.
    static constexpr std::size_t kMost = 8192;

    ReadAhead() = default;
    /// @param fixed  the caller's number; 0: none
    /// @param chunk  how many items go to a worker at once
    ReadAhead(std::size_t fixed, std::size_t chunk, std::size_t workers) noexcept
        : fixed_(fixed), chunk_(chunk), chunks_(least(workers)) {}

    std::size_t items() const noexcept { return fixed_ != 0 ? fixed_ : chunks_ * chunk_; }

    /// Learns how fast the items end. Results may have lain there for a while, as many as were under way: of fewer
    /// than twice as many a short time tells nothing.
    /// @param ended  how many items have ended so far
    void measure(std::size_t ended, std::size_t workers, Clock::time_point now) noexcept {
        const std::size_t count = ended - ended_;
        const auto time = now - since_;
        if (fixed_ != 0 || (count / 2 < items() && time < kReach)) return;
        const double fitting = static_cast<double>(count) / static_cast<double>(chunk_) *
                               std::chrono::duration<double>(kReach).count() /
                               std::max(std::chrono::duration<double>(time).count(), 1e-9);
        const auto most = static_cast<double>(kStep * chunks_);
        chunks_ = std::clamp(static_cast<std::size_t>(std::min(fitting, most)), least(workers), kMost);
        ended_ = ended;
        since_ = now;
    }

private:
    // One measurement may be off by a sleep.
    static constexpr std::size_t kStep = 4;

    static std::size_t least(std::size_t workers) noexcept {
        return std::min(kMost, std::max<std::size_t>(4 * workers, 8));
    }

    std::size_t fixed_ = 0;
    std::size_t chunk_ = 1;
    std::size_t chunks_ = 0;
    std::size_t ended_ = 0;
    Clock::time_point since_{};
};

}  // namespace cohort::pool
