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

}  // namespace cohort::os
