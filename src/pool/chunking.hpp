// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cohort::pool {

/// How many items of a job go into one message: a number that the caller chose, or as many as take a worker about a
/// millisecond by the time measured so far, and never so many that the workers would not end at about the same time.
///
/// Thread safety: none.
class Chunking {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::nanoseconds kTarget = std::chrono::milliseconds(1);

    /// @param fixed  the caller's number; 0: none
    Chunking(std::size_t fixed, std::size_t workers) noexcept
        : fixed_(fixed), workers_(std::max<std::size_t>(1, workers)) {}

    bool is_fixed() const noexcept { return fixed_ != 0; }
    /// What the caller chose; 0: nothing.
    std::size_t fixed() const noexcept { return fixed_; }

    /// The size of the next chunk when `left` items have not been handed out.
    std::size_t next(std::size_t left) const noexcept {
        if (fixed_ != 0) return std::min(fixed_, left);
        const std::size_t share = std::max(left / (kRounds * workers_) + 1, wanted_ / kLeastPart);
        return std::min({wanted_, share, left});
    }

    /// Learns from the items that ended since the last call, when they are as many as all workers have in a chunk: the
    /// results of one come together.
    /// @param ended  how many items of the job have ended so far
    /// @param now    read only when it is worth it
    template <class Now>
    void measure(std::size_t ended, Now&& now) {
        if (fixed_ != 0 || ended - seen_ < workers_ * wanted_) return;
        learn(ended, now());
    }

private:
    // Each worker gets what is left in at least so many pieces, so that a slow last one does not keep the others
    // waiting.
    static constexpr std::size_t kRounds = 4;
    // But no piece is shorter than such a part of kTarget: that would cost more than it gains.
    static constexpr std::size_t kLeastPart = 64;

    void learn(std::size_t ended, Clock::time_point now) noexcept {
        if (seen_ != 0 && now > since_) {
            const double each = std::chrono::duration<double>(now - since_).count() * static_cast<double>(workers_) /
                                static_cast<double>(ended - seen_);
            const double fitting = std::chrono::duration<double>(kTarget).count() / std::max(each, 1e-10);
            // A step at a time: one measurement may be off by a sleep.
            const auto most = static_cast<double>(4 * wanted_);
            wanted_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::min(fitting, most)));
        }
        seen_ = ended;
        since_ = now;
    }

    std::size_t fixed_;
    std::size_t workers_;
    std::size_t wanted_ = 1;
    std::size_t seen_ = 0;
    Clock::time_point since_{};
};

}  // namespace cohort::pool
