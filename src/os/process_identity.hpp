// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>

namespace cohort::os {

/// This process's number. Kept after the first call, and read again after any kind of fork; safe in signal handlers.
/// Not for code that runs in the memory of another process (after vfork).
pid_t current_pid() noexcept;

/// The same, asked of the kernel: current_pid() costs a new child a page, to keep it in.
pid_t read_pid() noexcept;

/// The number of the calling thread.
pid_t current_tid() noexcept;

/// What `ps` and `top` show of this process beside its command; the first 15 characters.
void name_process(const std::string& name) noexcept;

/// The process that started this one; another one once that has died.
pid_t parent_pid() noexcept;

}  // namespace cohort::os
