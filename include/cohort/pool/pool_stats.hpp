// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace cohort {

/// What a place of a pool has done so far, with all the workers that had it one after the other.
struct WorkerStats {
    pid_t pid = 0;                       ///< of the worker that has it now; 0: none, or it is being started
    std::size_t tasks = 0;               ///< items that were run to their end
    std::chrono::nanoseconds busy{};     ///< of the workers' time from when they were ready: with tasks
    std::chrono::nanoseconds waiting{};  ///< the rest of it: without
    std::size_t memory = 0;              ///< bytes of private memory that the worker has now
    std::size_t restarts = 0;            ///< how often a worker was replaced: killed, expired, grown too large, or idle
};

/// One of the items that took longest.
struct SlowTask {
    std::string function{};              ///< as errors name it
    std::optional<std::size_t> index{};  ///< of the item in its map
    std::chrono::milliseconds time{};    ///< how long it was run, to within a few milliseconds
    pid_t pid = 0;                       ///< of the worker
};

/// What Pool::stats() says.
struct PoolStats {
    std::vector<WorkerStats> workers{};  ///< by place
    std::vector<SlowTask> slowest{};     ///< the five items that took longest, the slowest first
};

}  // namespace cohort
