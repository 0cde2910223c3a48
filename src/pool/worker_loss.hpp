// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/exit_status.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

namespace cohort::pool {

/// What is known of an item that was lost with its worker.
struct WorkerLoss {
    std::string pool{};  ///< its name; may be empty
    std::uint32_t place = 0;
    pid_t pid = 0;
    ExitStatus status = ExitStatus::exited(0);
    std::string function{};
    std::optional<std::size_t> index{};  ///< empty for a single task
};

/// The WorkerLostError that says it all.
std::exception_ptr worker_lost(const WorkerLoss& loss);

/// The TimeoutError of an item whose worker was ended.
std::exception_ptr timed_out(const WorkerLoss& loss, std::chrono::nanoseconds timeout);

/// What is known of workers that end before they are ready.
struct FailedStarts {
    std::string pool{};
    unsigned count = 0;
    ExitStatus last_status = ExitStatus::exited(0);
    int start_errno = 0;                     ///< why the last one could not be started at all; 0: it could
    std::exception_ptr initializer_error{};  ///< what the initializer threw last; may be null
};

/// Throws BrokenPoolError, with the initializer's error nested.
[[noreturn]] void throw_broken(const FailedStarts& failed);

/// Throws BrokenPoolError: the process that workers come from has ended.
[[noreturn]] void throw_no_nursery(const std::string& pool);

}  // namespace cohort::pool
