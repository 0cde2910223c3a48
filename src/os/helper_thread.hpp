// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <atomic>

namespace cohort::os {

/// A thread that does something for the library: the program does not notice it. It gets no signals, unless it is to
/// run code of the program, and when it has been joined, has_other_threads() does not count it.
///
/// Thread safety: made and destroyed by one thread, or by itself.
/// FORK: the child does not have it; it must not destroy the object.
class HelperThread {
public:
    using Work = void (*)(void* context) noexcept;

    /// Which signals it blocks.
    enum class Blocks { all, what_its_maker_blocks };

    /// @throws std::system_error naming pthread_create: there are too many threads, or there is no memory for its stack
    HelperThread(Work work, void* context, Blocks blocks = Blocks::all);
    /// Waits until the work has returned; but not if that is what destroys it.
    ~HelperThread();
    HelperThread(const HelperThread&) = delete;
    HelperThread& operator=(const HelperThread&) = delete;

private:
    static void* run(void* self) noexcept;

    const Work work_;
    void* const context_;
    std::atomic<pid_t> number_{0};
    pthread_t thread_{};
};

}  // namespace cohort::os
