// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/snapshot.hpp>
#include <cohort/manager/lock_proxy.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace cohort {

/// Stands for a set in a manager's server (multiprocessing.managers.SetProxy of Python 3.14).
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
template <class T>
class SetProxy : public ObjectProxy {
public:
    using value_type = T;

    SetProxy() noexcept = default;
    /// @param proxy  of a set
    explicit SetProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static SetProxy from_object(const Object& object) { return SetProxy(ObjectProxy::from_object(object)); }

    /// Adds the element, if it is not there.
    void add(const T& element) const { call<void>("add", element); }
    /// Takes the element out, if it is there.
    void discard(const T& element) const { call<void>("discard", element); }
    /// @throws KeyError  there is no such element
    void remove(const T& element) const { call<void>("remove", element); }
    /// @throws KeyError  the set is empty
    T pop() const { return call<T>("pop"); }
    /// Adds all these, in one step.
    void update(const std::set<T>& elements) const { call<void>("update", elements); }
    /// Removes all elements.
    void clear() const { call<void>("clear"); }
    /// Whether the element is there.
    bool contains(const T& element) const { return call<bool>("__contains__", element); }
    std::size_t size() const { return call<std::size_t>("__len__"); }
    bool empty() const { return size() == 0; }
    /// All elements, of one moment.
    std::set<T> copy() const { return value<std::set<T>>(); }

    /// Walks over the elements that the set has now, got in one call.
    using Snapshot = manager::detail::Snapshot<T>;
    Snapshot begin() const { return Snapshot(value<std::vector<T>>()); }
    Snapshot end() const { return {}; }

    /// The lock that the object has of its own, made by the server of cohort at the first call: for changes of several
    /// calls. Nothing else looks at it. @throws Error  the server is Python's
    RLockProxy lock() const { return manager::detail::own_lock(*this); }
};

}  // namespace cohort
