// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/shm/shared_handle.hpp>
#include <cohort/sync/lock.hpp>

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <variant>

namespace cohort {

/// A condition that threads and processes wait for, as `multiprocessing.Condition`: a lock, and those who wait for it
/// to be worth a look. First in, first out. A copy is the same condition, here and in other processes.
///
/// Thread safety: safe, also between processes. FORK: the child shares the condition, and waits for nothing.
/// DEATH: of one that waits: it swallows no notification, the next one gets it. Of one that notifies: some of the
/// oldest are notified; its lock is abandoned.
class COHORT_API Condition : public shm::SharedHandle, public sync::TimedLockable<Condition> {
public:
    /// A new condition with a new RLock.
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    Condition() : Condition(RLock()) {}
    /// A new condition with this lock, which others may use, too.
    Condition(RLock lock);  // NOLINT(google-explicit-constructor): as in Python, a lock will do
    /// With a lock that is not taken again by its holder.
    Condition(Lock lock);  // NOLINT(google-explicit-constructor)
    /// The condition that a message named; for codecs.
    Condition(std::shared_ptr<shm::Object> object, std::variant<RLock, Lock> lock);

    /// Waits to be notified: gives up the lock, and has it again afterwards, as often as before.
    /// @returns false when the time is up
    /// @throws ValueError  this thread does not hold the lock (a Lock: this process)
    /// @throws Error       8192 wait already
    bool wait(Timeout timeout = forever);
    /// Waits until pred() is true. Looks before it waits, and after each notification.
    /// @returns what pred() said last
    template <class Predicate>
    bool wait_for(Predicate pred, Timeout timeout = forever) {
        const auto end =
            timeout.duration() ? Timeout::Clock::now() + *timeout.duration() : Timeout::Clock::time_point();
        while (!pred()) {
            const Timeout left = timeout.is_forever() ? timeout : Timeout(end - Timeout::Clock::now());
            if (left.polls() || !wait(left)) return pred();
        }
        return true;
    }
    /// Wakes the oldest who wait.
    /// @param n  how many
    /// @throws ValueError  this thread does not hold the lock, or n is negative
    void notify(std::ptrdiff_t n = 1);
    /// Wakes all who wait; the caller holds the lock.
    void notify_all();

    /// The lock's members, as acquire(). @throws as the lock's
    void release();
    /// Whether the last holder of the lock died with it.
    bool abandoned() const;

    /// The lock, which is the same one in all copies.
    const std::variant<RLock, Lock>& get_lock() const noexcept { return lock_; }

    /// As Python's repr: the lock, and how many wait: `<Condition(<RLock(None, 0)>, 0)>`.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Condition& condition);

private:
    friend sync::Acquirable<Condition>;
    bool take(Timeout timeout);
    void notify_some(std::uint32_t n);

    std::variant<RLock, Lock> lock_;
};

}  // namespace cohort
