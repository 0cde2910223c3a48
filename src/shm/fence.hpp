// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>

namespace cohort::shm {

/// A sequentially consistent fence. clang and some gcc versions make `mfence` of std::atomic_thread_fence, which costs
/// ten times what a locked instruction on the own stack does (16 ns against 1.8 ns, measured on Zen 4).
inline void full_fence() noexcept {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    asm volatile("lock; orl $0, (%%rsp)" ::: "memory", "cc");
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace cohort::shm
