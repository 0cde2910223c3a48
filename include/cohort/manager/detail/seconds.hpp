// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include <chrono>
#include <optional>

namespace cohort::manager::detail {

/// A timeout as Python has it: seconds, or nothing for ever.
inline std::optional<double> seconds_of(Timeout timeout) {
    const auto limit = timeout.duration();
    return limit ? std::optional(std::chrono::duration<double>(*limit).count()) : std::nullopt;
}

}  // namespace cohort::manager::detail
