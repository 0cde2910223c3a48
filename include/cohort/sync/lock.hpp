// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/shm/shared_handle.hpp>

#include <chrono>
#include <iosfwd>

namespace cohort {

/// A lock between threads and processes, as `multiprocessing.Lock`: not recursive, and any thread of any process may
/// release it. It meets the standard's requirements of TimedLockable. A copy is the same lock, here and in other
/// processes.
///
/// Thread safety: safe, also between processes. FORK: the child shares the lock, and holds nothing.
/// DEATH: of the holder's process: the next acquire() gets the lock, and abandoned() tells it. The end of a thread
/// alone releases nothing.
class COHORT_API Lock : public shm::SharedHandle {
public:
    /// A new lock, free.
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    Lock();
    /// The lock that a message named; for codecs.
    using shm::SharedHandle::SharedHandle;

    /// Waits until it is free, and takes it.
    /// @param block    false: do not wait
    /// @param timeout  how long to wait at most; zero or negative: not at all
    /// @returns whether it was taken
    bool acquire(bool block = true, Timeout timeout = forever);
    bool acquire(Timeout timeout);
    /// @throws ValueError  nobody holds it
    void release();

    /// Whether somebody holds it.
    bool locked() const;
    /// Whether the one who holds it took it over from a process that died with it: what it protects may be half
    /// changed. False again after the release.
    bool abandoned() const;

    /// The names that the standard library uses.
    void lock() { acquire(); }
    bool try_lock() { return acquire(false); }
    void unlock() { release(); }
    template <class Rep, class Period>
    bool try_lock_for(std::chrono::duration<Rep, Period> timeout) {
        return acquire(Timeout(timeout));
    }
    template <class Clock, class Duration>
    bool try_lock_until(std::chrono::time_point<Clock, Duration> end) {
        return acquire(Timeout(end - Clock::now()));
    }
};

/// A lock that the thread which holds it may take again, as `multiprocessing.RLock`: it is free after as many releases.
///
/// Thread safety, FORK, DEATH: as Lock; only the thread that holds it may release it.
class COHORT_API RLock : public shm::SharedHandle {
public:
    /// A new lock, free.
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    RLock();
    /// The lock that a message named; for codecs.
    using shm::SharedHandle::SharedHandle;

    /// As Lock::acquire(); at once if this thread holds it.
    bool acquire(bool block = true, Timeout timeout = forever);
    bool acquire(Timeout timeout);
    /// @throws ValueError  this thread does not hold it
    void release();

    /// Whether somebody holds it.
    bool locked() const;
    /// As Lock::abandoned().
    bool abandoned() const;

    /// The names that the standard library uses.
    void lock() { acquire(); }
    bool try_lock() { return acquire(false); }
    void unlock() { release(); }
    template <class Rep, class Period>
    bool try_lock_for(std::chrono::duration<Rep, Period> timeout) {
        return acquire(Timeout(timeout));
    }
    template <class Clock, class Duration>
    bool try_lock_until(std::chrono::time_point<Clock, Duration> end) {
        return acquire(Timeout(end - Clock::now()));
    }
};

}  // namespace cohort
