// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace cohort::manager {

/// Waits by giving the core to others that are ready to run, where a partner may be among them: a switch costs less
/// than a sleep and a wake, and who gives its core up after each call takes no more turns than others.
///
/// It pays as long as all who share the core do so. Where another program takes a turn for milliseconds, or nobody is
/// there and the answer does not come, the caller had better sleep: then there is none for a while, longer each time
/// that a trial did not help.
///
/// Thread safety: none; one for each waiting thread. FORK: a copy goes on by itself. DEATH: nothing shared.
class Yielder {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::microseconds kLate{1000};
    static constexpr std::uint32_t kMostTurns = 64;  // 20 us where nobody else is there

    /// Lets others run, and looks, again and again. Returns whether it became ready.
    template <class Ready>
    bool wait(const Ready& ready) noexcept {
        if (!worth_trying()) return false;
        for (std::uint32_t left = turns_; left != 0; --left) {
            if (!give_turn()) return ready();
            if (ready()) {
                turns_ = kMostTurns;
                retry_after_ = kRetryAfter;
                return true;
            }
        }
        turns_ /= 2;
        return false;
    }

    /// Lets others run once, if that pays.
    void pause() noexcept {
        if (pays()) give_turn();
    }

    bool pays() const noexcept { return turns_ != 0; }

private:
    static constexpr std::uint32_t kRetryAfter = 4;
    static constexpr std::uint32_t kLongestRetryAfter = 2048;

    // False: somebody has kept the core for long.
    bool give_turn() noexcept {
        const auto before = Clock::now();
        std::this_thread::yield();
        const bool prompt = Clock::now() - before < kLate;
        if (!prompt) turns_ = 0;
        return prompt;
    }

    bool worth_trying() noexcept {
        if (pays()) return true;
        if (++skipped_ < retry_after_) return false;
        skipped_ = 0;
        retry_after_ = std::min(2 * retry_after_, kLongestRetryAfter);
        turns_ = kMostTurns / 8;
        return true;
    }

    std::uint32_t turns_ = kMostTurns;
    std::uint32_t skipped_ = 0;
    std::uint32_t retry_after_ = kRetryAfter;
};

}  // namespace cohort::manager
