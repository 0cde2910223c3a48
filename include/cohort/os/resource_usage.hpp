// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>

namespace cohort {

/// What a process has used until its end, together with those of its children that it has waited for.
struct ResourceUsage {
    std::chrono::microseconds user_time{};    ///< processor time in its own code
    std::chrono::microseconds system_time{};  ///< processor time in the kernel, on its behalf
    std::size_t max_resident = 0;             ///< the most physical memory it had at a time, in bytes
    std::size_t minor_faults = 0;             ///< page faults that needed no input
    std::size_t major_faults = 0;             ///< page faults that needed input
    std::size_t voluntary_switches = 0;       ///< how often it gave its processor away, to wait
    std::size_t involuntary_switches = 0;     ///< how often its processor was taken from it
};

}  // namespace cohort
