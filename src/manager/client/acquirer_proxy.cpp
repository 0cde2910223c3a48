// SPDX-License-Identifier: MIT
#include <cohort/manager/acquirer_proxy.hpp>

#include <cohort/manager/detail/element_reference.hpp>
#include <cohort/manager/detail/seconds.hpp>
#include <cohort/manager/lock_proxy.hpp>
#include <cohort/manager/semaphore_proxy.hpp>

namespace cohort {

bool AcquirerProxy::acquire(Timeout timeout) const {
    const auto seconds = manager::detail::seconds_of(timeout);
    if (!seconds) return call<bool>("acquire", true);
    return timeout.polls() ? call<bool>("acquire", false) : call<bool>("acquire", true, *seconds);
}

bool AcquirerProxy::locked() const {
    if (is_atomic()) return call<bool>("locked");
    // Python's servers offer the method since 3.14 only.
    return str().find("<locked") != std::string::npos;
}

bool AcquirerProxy::abandoned() const {
    return is_atomic() && call<bool>("#cohort.abandoned");
}

void SemaphoreProxy::release(std::ptrdiff_t n) const {
    if (n == 1)
        call<void>("release");  // Python 3.8 gives one only
    else
        call<void>("release", n);
}

std::ptrdiff_t SemaphoreProxy::get_value() const {
    manager::detail::require_cohort(*this, "does not tell the value of a semaphore");
    return call<std::ptrdiff_t>("#cohort.get_value");
}

bool SemaphoreProxy::try_lock() const {
    return is_atomic() ? call<bool>("#cohort.try_lock") : acquire(false);
}

RLockProxy manager::detail::own_lock(const ObjectProxy& proxy) {
    require_cohort(proxy, "gives objects no lock of their own");
    return proxy.call<RLockProxy>("#cohort.lock");
}

}  // namespace cohort
