// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <chrono>
#include <utility>

namespace cohort {

/// What proxies of locks, semaphores and conditions have in common (multiprocessing.managers.AcquirerProxy): acquire(),
/// release(), and the members of the standard library's TimedLockable. Those who wait get it in the order in which they
/// came.
///
/// Thread safety, FORK: as ObjectProxy.
class COHORT_API AcquirerProxy : public ObjectProxy {
public:
    AcquirerProxy() noexcept = default;
    /// Of an object that has acquire() and release().
    explicit AcquirerProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static AcquirerProxy from_object(const Object& object) { return AcquirerProxy(ObjectProxy::from_object(object)); }

    /// Waits until it can be taken, and takes it.
    /// @param block    false: do not wait
    /// @param timeout  how long to wait at most; zero or negative: not at all
    /// @returns whether it was taken
    bool acquire(bool block = true, Timeout timeout = forever) const {
        return acquire(block ? timeout : Timeout(std::chrono::seconds(0)));
    }
    /// As acquire(true, timeout); false when the time is over.
    bool acquire(Timeout timeout) const;
    /// @throws std::runtime_error  it is not held, as Python's RuntimeError
    void release() const { call<void>("release"); }

    // The names that the standard library uses, for std::scoped_lock and its like.
    void lock() const { acquire(); }
    bool try_lock() const { return acquire(false); }
    void unlock() const { release(); }
    template <class Rep, class Period>
    bool try_lock_for(std::chrono::duration<Rep, Period> timeout) const {
        return acquire(Timeout(timeout));
    }
    template <class Clock, class Duration>
    bool try_lock_until(std::chrono::time_point<Clock, Duration> end) const {
        return acquire(Timeout(end - Clock::now()));
    }

    /// Whether somebody holds it.
    bool locked() const;
    /// Whether the one who holds it took it over from a client that died with it: what it protects may be half changed.
    /// False again after the release, and always on a server of Python, where the lock of a dead client stays locked.
    bool abandoned() const;
};

}  // namespace cohort
