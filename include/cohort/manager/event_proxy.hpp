// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/manager/detail/seconds.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <utility>

namespace cohort {

/// Stands for an Event in a manager's server (multiprocessing.managers.EventProxy).
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
class EventProxy : public ObjectProxy {
public:
    EventProxy() noexcept = default;
    /// @param proxy  of an Event
    explicit EventProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static EventProxy from_object(const Object& object) { return EventProxy(ObjectProxy::from_object(object)); }

    /// Whether the flag is set.
    bool is_set() const { return call<bool>("is_set"); }
    /// Wakes all that wait.
    void set() const { call<void>("set"); }
    /// Takes the flag back.
    void clear() const { call<void>("clear"); }
    /// Waits until it is set. @returns whether it is
    bool wait(Timeout timeout = forever) const { return call<bool>("wait", manager::detail::seconds_of(timeout)); }
};

}  // namespace cohort
