// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>

namespace cohort::os {

/// As long as it lives, makes system calls of one kind fail in this process: tests use it to see what an error leaves.
/// Never more than a branch when there is none.
///
/// Thread safety: calls may be made by any thread; Faults are made and destroyed by one thread, in the order of a
/// stack. FORK: a child inherits the faults and counts on its own.
class Fault {
public:
    static constexpr int kAlways = -1;

    /// @param call the name given to system_call(); outlives this object
    /// @param error what `errno` is set to
    /// @param nth the first call that fails, from 1
    /// @param times how many calls fail, or kAlways
    Fault(const char* call, int error, int nth = 1, int times = 1) noexcept;
    ~Fault();
    Fault(const Fault&) = delete;
    Fault& operator=(const Fault&) = delete;

    /// How many calls of this kind were made since, failed ones included.
    int calls() const noexcept { return calls_.load(std::memory_order_relaxed); }

    /// Whether there is any.
    static bool any() noexcept { return first_.load(std::memory_order_acquire) != nullptr; }

    /// Counts a call; the error that it fails with, or 0.
    static int next(const char* call) noexcept;

private:
    bool takes() noexcept;

    static std::atomic<Fault*> first_;
    const char* const call_;
    const int error_;
    const int nth_;
    const int times_;
    std::atomic<int> calls_{0};
    Fault* const rest_;
};

}  // namespace cohort::os
