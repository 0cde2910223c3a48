// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include <chrono>

namespace cohort::sync {

/// Python's two forms of acquire(), made of one: `Derived::take(Timeout)`, which says whether it was taken.
template <class Derived>
class Acquirable {
public:
    /// Waits until it can be taken, and takes it.
    /// @param block    false: do not wait
    /// @param timeout  how long to wait at most; zero or negative: not at all
    /// @returns whether it was taken
    bool acquire(bool block = true, Timeout timeout = forever) {
        return acquire(block ? timeout : Timeout(std::chrono::seconds(0)));
    }
    /// As acquire(true, timeout); false when the time is over.
    bool acquire(Timeout timeout) { return static_cast<Derived&>(*this).take(timeout); }
};

/// The names that the standard library uses, for std::scoped_lock and its like: TimedLockable.
template <class Derived>
class TimedLockable : public Acquirable<Derived> {
public:
    void lock() { this->acquire(); }
    bool try_lock() { return this->acquire(false); }
    void unlock() { static_cast<Derived&>(*this).release(); }
    template <class Rep, class Period>
    bool try_lock_for(std::chrono::duration<Rep, Period> timeout) {
        return this->acquire(Timeout(timeout));
    }
    template <class Clock, class Duration>
    bool try_lock_until(std::chrono::time_point<Clock, Duration> end) {
        return this->acquire(Timeout(end - Clock::now()));
    }
};

}  // namespace cohort::sync
