// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>

namespace cohort::os {

/// A lock between the threads of one process, of one word and without the C library's code: for what a forked child
/// passes, which maps each page of code again at the first touch. Use std::mutex elsewhere.
///
/// Thread safety: as std::mutex; not recursive. FORK: the child finds it as it was: lock it over the fork, and unlock
/// it on both sides.
class WordLock {
public:
    void lock() noexcept {
        int free = kFree;
        if (state_.compare_exchange_strong(free, kTaken, std::memory_order_acquire)) return;
        while (state_.exchange(kAwaited, std::memory_order_acquire) != kFree)
            state_.wait(kAwaited, std::memory_order_relaxed);
    }

    void unlock() noexcept {
        if (state_.exchange(kFree, std::memory_order_release) == kAwaited) state_.notify_one();
    }

private:
    static constexpr int kFree = 0;
    static constexpr int kTaken = 1;
    static constexpr int kAwaited = 2;

    std::atomic<int> state_{kFree};
};

}  // namespace cohort::os
