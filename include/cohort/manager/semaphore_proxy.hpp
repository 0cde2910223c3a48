// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/manager/acquirer_proxy.hpp>

#include <cstddef>
#include <utility>

namespace cohort {

/// Stands for a Semaphore or a BoundedSemaphore in a manager's server.
///
/// Thread safety, FORK: as ObjectProxy. DEATH: on a server of cohort, a unit that was taken by a guard
/// (std::scoped_lock, std::unique_lock: lock() and try_lock()) comes back; one that was taken by acquire() does not, as
/// it may have been a signal.
class COHORT_API SemaphoreProxy : public AcquirerProxy {
public:
    SemaphoreProxy() noexcept = default;
    /// @param proxy  of a Semaphore
    explicit SemaphoreProxy(ObjectProxy proxy) noexcept : AcquirerProxy(std::move(proxy)) {}
    static SemaphoreProxy from_object(const Object& object) { return SemaphoreProxy(ObjectProxy::from_object(object)); }

    /// Gives units.
    /// @throws ValueError  n is not positive, or a BoundedSemaphore would have more than at first
    void release(std::ptrdiff_t n = 1) const;

    /// How many units are left. @throws Error  the server is Python's, which does not tell
    std::ptrdiff_t get_value() const;
    /// Whether no unit is left. @throws as get_value()
    bool locked() const { return get_value() == 0; }
    /// Units have no holder.
    bool abandoned() const = delete;

    /// Takes a unit that comes back if this process dies, for guards.
    void lock() const { call<void>("acquire"); }
    bool try_lock() const;
};

}  // namespace cohort
