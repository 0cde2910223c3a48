// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/manager/detail/seconds.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace cohort {

/// Stands for a Queue or a JoinableQueue in a manager's server.
///
/// Thread safety, FORK: as ObjectProxy. DEATH: of a client that waits: it takes no item. One that dies while an item is
/// on its way to it takes the item with it.
template <class T>
class QueueProxy : public ObjectProxy {
public:
    using value_type = T;

    QueueProxy() noexcept = default;
    /// @param proxy  of a queue
    explicit QueueProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static QueueProxy from_object(const Object& object) { return QueueProxy(ObjectProxy::from_object(object)); }

    /// Waits for room. @throws Full  the time is up
    void put(const T& item, Timeout timeout = forever) const {
        call<void>("put", item, true, manager::detail::seconds_of(timeout));
    }
    /// Python's put(item, block, timeout) (Full).
    void put(const T& item, bool block, Timeout timeout = forever) const {
        call<void>("put", item, block, manager::detail::seconds_of(timeout));
    }
    /// @throws Full  there is no room
    void put_nowait(const T& item) const { call<void>("put_nowait", item); }
    /// Waits for an item. @throws Empty  the time is up
    T get(Timeout timeout = forever) const { return call<T>("get", true, manager::detail::seconds_of(timeout)); }
    /// Python's get(block, timeout) (Empty).
    T get(bool block, Timeout timeout = forever) const {
        return call<T>("get", block, manager::detail::seconds_of(timeout));
    }
    /// @throws Empty  there is none
    T get_nowait() const { return call<T>("get_nowait"); }
    /// @returns nothing when the time is up
    std::optional<T> try_get(Timeout timeout = std::chrono::seconds(0)) const {
        try {
            return get(timeout);
        } catch (const Empty&) {
            return {};
        }
    }
    /// @returns false when the time is up
    bool try_put(const T& item, Timeout timeout = std::chrono::seconds(0)) const {
        try {
            put(item, timeout);
            return true;
        } catch (const Full&) {
            return false;
        }
    }
    /// How many items are there now.
    std::size_t qsize() const { return call<std::size_t>("qsize"); }
    bool empty() const { return call<bool>("empty"); }
    /// Whether a put would wait now.
    bool full() const { return call<bool>("full"); }
    /// An item that was got is done with. @throws ValueError  more often than there were items
    void task_done() const { call<void>("task_done"); }
    /// Waits until all items are done with.
    void join() const { call<void>("join"); }
};

}  // namespace cohort
