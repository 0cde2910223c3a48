// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace cohort::os {

/// Lets the C library keep what is freed of blocks of this size, a few of which are taken and freed again and again.
/// Given back to the kernel each time, and taken anew, a megabyte costs more page faults than copying it. Costs a
/// comparison when it is known already. What is kept is bounded: 64 MiB of each heap.
/// Thread safety: safe. FORK: the child keeps as much.
void keep_freed_blocks(std::size_t size) noexcept;

}  // namespace cohort::os
