// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <functional>

namespace cohort {

/// Decides whether a task that failed with this error is run again, as long as `.retries` are left; a worker that dies
/// under a task is reason enough without it. It is called in the process that has the pool, in any of its threads, and
/// must not use the pool. What it throws counts as no, and is logged.
using RetryIf = std::function<bool(std::exception_ptr)>;

}  // namespace cohort
