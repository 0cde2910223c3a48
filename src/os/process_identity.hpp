// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace cohort::os {

/// This process's number. Kept after the first call, and read again after any kind of fork; safe in signal handlers.
/// Not for code that runs in the memory of another process (after vfork).
pid_t current_pid() noexcept;

/// Says that this process was just forked: current_pid() then has the number without a look at the page of the parent,
/// which would cost a page fault more.
void notice_fork() noexcept;

/// The number of the calling thread.
pid_t current_tid() noexcept;

/// The process that started this one; another one once that has died.
pid_t parent_pid() noexcept;

}  // namespace cohort::os
