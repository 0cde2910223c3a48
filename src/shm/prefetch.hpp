// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::shm {

/// Asks for a cache line that this core will write soon, and takes it from the core that has it. Waits for nothing.
inline void prefetch_to_write(const void* line) noexcept {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" ::"m"(*static_cast<const char*>(line)));
#else
    __builtin_prefetch(line, 1);
#endif
}

}  // namespace cohort::shm
