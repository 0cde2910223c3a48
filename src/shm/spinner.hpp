// SPDX-License-Identifier: MIT
#pragma once

#include "os/relax.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace cohort::shm {

using os::relax;

/// Waits a few microseconds before one goes to sleep, as long as that pays.
///
/// To spin pays only while the partner runs on another core: the budget doubles when a spin was answered in time, and
/// halves when it was in vain. At zero, now and then, rarer each time that it did not help, a spin is tried that is
/// longer than a sleeping partner takes to wake: or two who sleep would never find out that both need not.
///
/// To look at once costs a stream of items its speed: a reader that stands right behind the writer takes each cache
/// line away while it is being written (4 million items a second instead of 50, measured). So a wait may be paced: a
/// pause without a look, in which the writer gets ahead. Whether many items came of it tells a stream from a
/// conversation; the pause is tried now and then, rarer each time that it did not help.
///
/// Thread safety: none; one for each waiting thread. FORK: a copy goes on by itself. DEATH: nothing shared.
class Spinner {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::nanoseconds kLongest{20'000};
    static constexpr std::chrono::nanoseconds kShortest{1'000};
    static constexpr std::chrono::nanoseconds kTrial{64'000};
    static constexpr std::chrono::nanoseconds kPace{4'000};

    /// Looks again and again, until `ready()` or the budget is used up. Returns whether it became ready.
    template <class Ready>
    bool spin(Ready&& ready) noexcept {
        return ready() || (worth_trying() && spin_from(Clock::now(), ready));
    }

    /// The same for who takes one item after the other.
    /// @param handled how many items the caller has had so far
    template <class Ready>
    bool spin(Ready&& ready, std::uint64_t handled) noexcept {
        if (ready()) return true;
        const bool paced = choose_pace(handled);
        if (!worth_trying()) return false;
        const auto begin = Clock::now();
        while (paced && Clock::now() - begin < kPace) relax();
        return spin_from(begin, ready);
    }

    /// Lets the partner get ahead, if it runs on another core: a pause without a look.
    /// @returns false if it does not, and there was no pause
    bool pause() const noexcept {
        if (!pays()) return false;
        for (const auto begin = Clock::now(); Clock::now() - begin < kPace;) relax();
        return true;
    }

    /// Whether the partner runs on another core, as far as is known.
    bool pays() const noexcept { return budget_ > std::chrono::nanoseconds::zero(); }
    std::chrono::nanoseconds budget() const noexcept { return budget_; }
    bool is_paced() const noexcept { return paced_; }

private:
    static constexpr std::uint32_t kMostPauses = 4;
    static constexpr std::uint32_t kRetryAfter = 4;
    static constexpr std::uint32_t kLongestRetryAfter = 2048;
    static constexpr std::uint32_t kShortestTrial = 64;
    static constexpr std::uint32_t kLongestTrial = 4096;
    static constexpr std::uint64_t kStream = 16;  // so many items after a pause are a stream

    template <class Ready>
    bool spin_from(Clock::time_point begin, Ready& ready) noexcept {
        for (std::uint32_t pauses = 1;; pauses = std::min(2 * pauses, kMostPauses)) {
            for (std::uint32_t i = 0; i != pauses; ++i) relax();
            const bool answered = ready();
            const auto spent = Clock::now() - begin;
            if (answered || spent >= budget_) return learn(answered, spent);
        }
    }

    bool worth_trying() noexcept {
        if (pays()) return true;
        if (++skipped_ < retry_after_) return false;
        skipped_ = 0;
        budget_ = kTrial;
        return true;
    }

    // An answer that came long after the budget came because we lost the core in between: that is a failure, too.
    bool learn(bool answered, std::chrono::nanoseconds spent) noexcept {
        if (answered && spent < 2 * budget_) {
            retry_after_ = kRetryAfter;
            // Who answers late was woken: the next answer takes as long, or the partner spins, too, by then.
            if (spent <= kLongest) budget_ = std::min(2 * budget_, kLongest);
        } else if (budget_ == kTrial) {
            budget_ = std::chrono::nanoseconds::zero();
            retry_after_ = std::min(2 * retry_after_, kLongestRetryAfter);
        } else {
            budget_ = budget_ / 2 >= kShortest ? budget_ / 2 : std::chrono::nanoseconds::zero();
        }
        return answered;
    }

    bool choose_pace(std::uint64_t handled) noexcept {
        const std::uint64_t run = handled - handled_;
        handled_ = handled;
        if (paced_) {
            paced_ = run >= kStream;
            next_trial_ = paced_ ? kShortestTrial : std::min(2 * next_trial_, kLongestTrial);
            waits_ = 0;
        } else if (++waits_ >= next_trial_) {
            paced_ = true;
        }
        return paced_;
    }

    std::chrono::nanoseconds budget_ = kLongest / 4;
    std::uint32_t skipped_ = 0;
    std::uint32_t retry_after_ = kRetryAfter;
    std::uint32_t waits_ = 0;
    std::uint32_t next_trial_ = kShortestTrial;
    bool paced_ = false;
    std::uint64_t handled_ = 0;
};

}  // namespace cohort::shm
