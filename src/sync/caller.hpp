// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owner.hpp"
#include "shm/roster.hpp"
#include "shm/spinner.hpp"
#include "shm/until.hpp"

#include <chrono>
#include <cstdint>

namespace cohort::sync {

/// No sleep is longer, so that a wake whose sender did not live to send it, and a death that nobody was told of, cost
/// one period.
inline constexpr std::chrono::milliseconds kPeriod{100};

using Until = shm::Until;

/// When a sleep that begins now ends at latest.
inline std::chrono::steady_clock::time_point sleep_end(const Until& until) noexcept {
    const auto period_end = std::chrono::steady_clock::now() + kPeriod;
    return until && *until < period_end ? *until : period_end;
}

/// Who calls: a process by its owner number, a thread by a number of its own.
struct Caller {
    shm::Owner process;  ///< has entered `roster`
    /// Not zero; of one thread of the process only, and never another's later on.
    std::uint32_t thread;
    const shm::Roster& roster;  ///< tells who is dead
    shm::Spinner& spinner;      ///< of the thread
};

/// How an acquire ended.
enum class Acquired {
    no,         ///< the moment `until` has come
    yes,        ///< the caller has it
    abandoned,  ///< the caller has it, and its holder had died: what it protects may be half changed
};

}  // namespace cohort::sync
