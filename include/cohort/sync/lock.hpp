// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/shm/shared_handle.hpp>
#include <cohort/sync/lockable.hpp>

#include <iosfwd>

namespace cohort {

/// A lock between threads and processes, as `multiprocessing.Lock`: not recursive, and any thread of any process may
/// release it. acquire(), and the members of the standard library's TimedLockable. A copy is the same lock, here and in
/// other processes.
///
/// Thread safety: safe, also between processes. FORK: the child shares the lock, and holds nothing.
/// DEATH: of the holder's process: the next acquire() gets the lock, and abandoned() tells it. The end of a thread
/// alone releases nothing.
class COHORT_API Lock : public shm::SharedHandle, public sync::TimedLockable<Lock> {
public:
    /// A new lock, free.
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    Lock();
    /// The lock that a message named; for codecs.
    using shm::SharedHandle::SharedHandle;

    /// @throws ValueError  nobody holds it
    void release();

    /// Whether somebody holds it.
    bool locked() const;
    /// Whether the one who holds it took it over from a process that died with it: what it protects may be half
    /// changed. False again after the release.
    bool abandoned() const;

    /// As Python's repr, with the number of the process: `<Lock(owner=None)>`, `<Lock(owner=4711)>`.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Lock& lock);

private:
    friend sync::Acquirable<Lock>;
    bool take(Timeout timeout);
};

/// A lock that the thread which holds it may take again, as `multiprocessing.RLock`: it is free after as many releases.
/// acquire(), and the members of the standard library's TimedLockable.
///
/// Thread safety, FORK, DEATH: as Lock; only the thread that holds it may release it.
class COHORT_API RLock : public shm::SharedHandle, public sync::TimedLockable<RLock> {
public:
    /// A new lock, free.
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    RLock();
    /// The lock that a message named; for codecs.
    using shm::SharedHandle::SharedHandle;

    /// @throws ValueError  this thread does not hold it
    void release();

    /// Whether somebody holds it.
    bool locked() const;
    /// As Lock::abandoned().
    bool abandoned() const;

    /// As Python's repr, with the number of the process and how often it holds the lock: `<RLock(4711, 2)>`.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const RLock& lock);

private:
    friend sync::Acquirable<RLock>;
    bool take(Timeout timeout);
};

}  // namespace cohort
