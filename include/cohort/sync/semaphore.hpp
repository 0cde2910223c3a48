// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/shm/shared_handle.hpp>
#include <cohort/sync/lockable.hpp>

#include <cstddef>
#include <iosfwd>

namespace cohort {

/// A counter of units that threads and processes take, by acquire(), and give, as `multiprocessing.Semaphore`. A copy
/// is the same semaphore, here and in other processes.
///
/// Thread safety: safe, also between processes. FORK: the child shares the semaphore.
/// DEATH: what a process took by acquire() is gone with it, as with POSIX semaphores. What it took through a guard
/// (std::scoped_lock, std::unique_lock: lock() and try_lock()) comes back.
class COHORT_API Semaphore : public shm::SharedHandle, public sync::Acquirable<Semaphore> {
public:
    /// The most units there can be: Python's SEM_VALUE_MAX.
    static constexpr std::ptrdiff_t kMaxValue = 2147483647;

    /// @param value  how many units there are at first
    /// @throws ValueError  it is negative or more than kMaxValue
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    explicit Semaphore(std::ptrdiff_t value);
    /// Of one unit.
    Semaphore() : Semaphore(1) {}
    /// The semaphore that a message named; for codecs.
    using shm::SharedHandle::SharedHandle;

    /// Gives units.
    /// @throws ValueError  n is not positive, or there would be too many: nothing was given
    void release(std::ptrdiff_t n = 1);

    /// How many units are left.
    std::ptrdiff_t get_value() const;
    /// Whether no unit is left.
    bool locked() const { return get_value() == 0; }

    /// Takes a unit that comes back if this process dies, for guards.
    void lock();
    bool try_lock();
    /// @throws ValueError  this process holds no unit that it took by lock() or try_lock()
    void unlock();

    /// As Python's repr: `<Semaphore(value=1)>`.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore);

protected:
    /// For derived ones: release() above the bound is a ValueError.
    Semaphore(std::ptrdiff_t value, std::ptrdiff_t bound);

private:
    friend sync::Acquirable<Semaphore>;
    bool take(Timeout timeout);
};

/// A semaphore that never has more units than at first, as `multiprocessing.BoundedSemaphore`: release() throws
/// ValueError instead.
class COHORT_API BoundedSemaphore : public Semaphore {
public:
    /// @param value  how many units there are, at first and at most
    explicit BoundedSemaphore(std::ptrdiff_t value) : Semaphore(value, value) {}
    /// Of one unit.
    BoundedSemaphore() : BoundedSemaphore(1) {}
    /// The semaphore that a message named; for codecs.
    using Semaphore::Semaphore;

    /// As Python's repr: `<BoundedSemaphore(value=1, maxvalue=2)>`.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore);
};

}  // namespace cohort
