// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/manager/acquirer_proxy.hpp>
#include <cohort/manager/detail/seconds.hpp>

#include <cstddef>
#include <utility>

namespace cohort {

/// Stands for a Condition in a manager's server: a lock, and those who wait for it to be worth a look. First in, first
/// out.
///
/// Thread safety, FORK: as ObjectProxy; the lock is its thread's. DEATH: on a server of cohort, of one that waits: it
/// swallows no notification, the next one gets it. Of one that holds the lock: as LockProxy, RLockProxy.
class ConditionProxy : public AcquirerProxy {
public:
    ConditionProxy() noexcept = default;
    /// @param proxy  of a Condition
    explicit ConditionProxy(ObjectProxy proxy) noexcept : AcquirerProxy(std::move(proxy)) {}
    static ConditionProxy from_object(const Object& object) { return ConditionProxy(ObjectProxy::from_object(object)); }

    /// Waits to be notified: gives up the lock, and has it again afterwards, as often as before.
    /// @returns false when the time is up
    /// @throws std::runtime_error  this thread does not hold the lock (a Lock: nobody does), as Python's RuntimeError
    bool wait(Timeout timeout = forever) const { return call<bool>("wait", manager::detail::seconds_of(timeout)); }
    /// Waits until pred() is true. Looks before it waits, and after each notification.
    /// @returns what pred() said last
    template <class Predicate>
    bool wait_for(Predicate pred, Timeout timeout = forever) const {
        const Deadline deadline(timeout);
        while (!pred()) {
            if (deadline.passed()) return false;
            const auto left = deadline.left();
            wait(left ? Timeout(*left) : Timeout(forever));
        }
        return true;
    }
    /// Wakes the oldest who wait.
    /// @param n  how many
    /// @throws std::runtime_error  this thread does not hold the lock
    void notify(std::ptrdiff_t n = 1) const { call<void>("notify", n); }
    /// Wakes all who wait.
    void notify_all() const { call<void>("notify_all"); }
};

}  // namespace cohort
