// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <ctime>

namespace cohort::os {

/// A span, or a moment of CLOCK_MONOTONIC counted from its start, as the kernel wants it; negative ones are zero.
inline timespec to_timespec(std::chrono::nanoseconds time) noexcept {
    if (time.count() < 0) time = time.zero();
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((time - seconds).count())};
}

/// The time of CLOCK_MONOTONIC to within a few milliseconds, for a few nanoseconds.
inline std::chrono::nanoseconds coarse_time() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace cohort::os
