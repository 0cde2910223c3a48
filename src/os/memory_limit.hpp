// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace cohort::os {

/// Lets this process, and the children that it makes from now on, have so much more private memory than it has now;
/// beyond, allocations fail.
/// @param bytes  more
/// @throws std::system_error
void limit_memory_growth(std::size_t bytes);

/// How many bytes of memory a process has in use that it shares with nobody, as the kernel counts; 0 if there is no
/// such process.
std::size_t private_memory(pid_t pid);

}  // namespace cohort::os
