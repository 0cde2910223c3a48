// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include <chrono>
#include <optional>

namespace cohort::shm {

/// The end of a wait. Empty: none. In the past: look once.
using Until = std::optional<std::chrono::steady_clock::time_point>;

/// That of a wait which begins now.
inline Until until(Timeout timeout) noexcept {
    if (timeout.polls()) return std::chrono::steady_clock::time_point::min();
    return Deadline(timeout).at();
}

}  // namespace cohort::shm
