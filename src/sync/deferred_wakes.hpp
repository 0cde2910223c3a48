// SPDX-License-Identifier: MIT
#pragma once

#include "os/futex.hpp"

#include <array>
#include <cstddef>

namespace cohort::sync {

/// Who was notified needs the lock that the notifier holds: woken at once, it would run into it, and sleep again. So
/// the notifying thread wakes it when it releases that lock.
///
/// Thread safety: one for each thread. FORK: the child wakes for nothing, which does no harm.
/// DEATH: of the thread, or if another one releases the lock: who was not woken looks within a period.
class DeferredWakes {
public:
    /// Wakes one sleeper when this thread releases the lock; at once if there is no room.
    void add(const void* lock, const os::FutexWord& futex) noexcept {
        if (count_ == wakes_.size())
            os::futex_wake(futex, 1);
        else
            wakes_[count_++] = {lock, &futex};
    }

    /// The lock is free.
    void released(const void* lock) noexcept {
        if (count_ != 0) [[unlikely]]
            wake(lock);
    }

private:
    struct Wake {
        const void* lock;
        const os::FutexWord* futex;
    };
    void wake(const void* lock) noexcept;

    std::array<Wake, 8> wakes_{};
    std::size_t count_ = 0;
};

extern constinit thread_local DeferredWakes deferred_wakes;

}  // namespace cohort::sync
