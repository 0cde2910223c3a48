// SPDX-License-Identifier: MIT
#pragma once

#include "os/robust_mutex.hpp"
#include "shm/watch.hpp"

#include <sys/types.h>

#include <optional>

namespace cohort::shm {

/// Held by a process as long as it lives: a robust mutex in shared memory, which the kernel marks when the holding
/// thread ends, before it frees the memory of the process. So a death is known in microseconds, where a pidfd takes as
/// long as the memory was large.
///
/// A mark says "look closer", no more: the thread may have ended alone, or the process may have replaced its program.
///
/// Thread safety: all functions. take() is for the process itself, by a thread that lives as long as the process.
/// FORK: the child holds nothing.
/// DEATH: the word is marked, and one sleeper is woken (the kernel wakes no more): whoever learns of a death wakes the
/// others with wake_watchers().
class LifeLock {
public:
    /// Makes it free. Nobody holds it, or the holder is dead.
    void format() noexcept { mutex_.format(); }
    void take() noexcept { mutex_.lock(); }
    /// The holder ends in peace.
    void drop() noexcept { mutex_.unlock(); }

    /// Whether the kernel has marked it. One load.
    bool marked() const noexcept {
        return (mutex_.word().load(std::memory_order_acquire) & os::RobustMutex::kDiedBit) != 0;
    }
    /// What a sleeper adds to its wait to be woken by the holder's death; empty if the lock is not held: then look
    /// closer instead of sleeping.
    std::optional<Watch> watch() noexcept;
    void wake_watchers() noexcept;

private:
    os::RobustMutex mutex_;
};

/// A process as the others know it: enough to tell it from a later one with the same number.
struct ProcessMark {
    pid_t pid = 0;
    pid_t thread = 0;                     ///< the thread that holds the life lock
    unsigned long long start_time = 0;    ///< in clock ticks since boot, as in /proc/<pid>/stat
    unsigned long long thread_start = 0;  ///< the same of the thread, whose number may be another one's later
};

/// The mark of the calling thread and its process.
/// @throws std::system_error if /proc cannot be read
ProcessMark current_process_mark();

/// Whether the process whose life lock is marked will never run another instruction of its program: it is gone, a
/// zombie, all its threads are on their way out of the kernel, or it runs another program now. False when only the one
/// thread ended, and when nothing can be found out.
bool process_is_dead(const ProcessMark& mark) noexcept;

/// The same for a process whose life lock is not marked, or was never taken: it is gone, a zombie, or all its threads
/// are on their way out.
bool process_has_ended(const ProcessMark& mark) noexcept;

/// Whether the process is stopped, by a signal or a tracer. False when that cannot be found out.
bool process_is_stopped(pid_t pid) noexcept;

}  // namespace cohort::shm
