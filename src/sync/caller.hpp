// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owner.hpp"
#include "shm/roster.hpp"
#include "shm/spinner.hpp"
#include "shm/until.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

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
    /// Where a wait may be given up before its end: asked before each sleep, so at least once in a period. May be null.
    const std::function<bool()>* gives_up = nullptr;

    /// Whether it waits no longer for what may never come.
    bool has_given_up() const { return gives_up != nullptr && (*gives_up)(); }
    /// The same, or the moment has come.
    bool waited_enough(const Until& until) const {
        return (until && std::chrono::steady_clock::now() >= *until) || has_given_up();
    }
};

/// How an acquire ended.
enum class Acquired {
    no,         ///< the moment `until` has come
    yes,        ///< the caller has it
    abandoned,  ///< the caller has it, and its holder had died: what it protects may be half changed
};

}  // namespace cohort::sync
