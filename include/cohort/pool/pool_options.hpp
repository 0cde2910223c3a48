// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/worker_exit.hpp>
#include <cohort/process/start_method.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace cohort {

/// How a Pool is made; of a ThreadPool only the number of workers, the name and `.worker_exit`. The order of the
/// members is API: they are set by designated initializers.
struct PoolOptions {
    /// How many workers, at most 2048; 0: as many as cpu_count().
    std::size_t processes = 0;
    /// A worker that has run so many tasks (a chunk of a `map` counts as one) leaves, and a new one takes its place;
    /// 0: workers stay as long as the pool.
    std::size_t maxtasksperchild = 0;
    /// How workers are started; empty: as get_start_method() says.
    std::optional<StartMethod> start_method{};
    /// How many bytes of private memory a worker may take beyond those it has at its start; 0: no limit. A task that
    /// wants more gets `std::bad_alloc`, and fails with MemoryLimitError if it lets that through.
    std::size_t memory_limit = 0;
    /// Binds each worker to one of the processors that this process may use, in turn.
    bool pin_cpus = false;
    /// Names the pool in errors and its workers in `current_process().name()`; empty: workers are `PoolWorker-1`, ….
    std::string name{};
    /// A worker whose private memory has grown by more than so many bytes since its start leaves after its task, and a
    /// new one takes its place; 0: never.
    std::size_t memory_recycle = 0;
    /// A worker that had no task for so long ends; another one is started when there are more tasks than workers.
    Timeout idle_timeout = forever;
    /// Environment variables that are set in workers, before their initializer. An impossible one (an empty name, a `=`
    /// in the name, a NUL) is a ValueError.
    std::map<std::string, std::string> env{};
    /// Called by a worker that leaves by itself: when the pool is closed and done, or by what is said above. Not by one
    /// that is ended. An exception is printed to stderr.
    WorkerExit worker_exit{};
};

}  // namespace cohort
