// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/element_reference.hpp>
#include <cohort/manager/detail/snapshot.hpp>
#include <cohort/manager/lock_proxy.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cohort {

/// Stands for an array of numbers in a manager's server (multiprocessing.managers.ArrayProxy). Indices that are
/// negative count from the end.
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
template <class T>
class ArrayProxy : public ObjectProxy {
public:
    using value_type = T;
    using reference = manager::detail::ElementReference<T>;
    /// A position; negative ones count from the end.
    using Index = std::int64_t;

    ArrayProxy() noexcept = default;
    /// @param proxy  of an Array
    explicit ArrayProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static ArrayProxy from_object(const Object& object) { return ArrayProxy(ObjectProxy::from_object(object)); }

    /// Its use throws std::out_of_range if there is no such element.
    reference operator[](Index index) const { return {*this, Object::from(index)}; }
    /// @throws std::out_of_range  there is no such element
    T at(Index index) const { return call<T>("__getitem__", index); }
    std::size_t size() const { return call<std::size_t>("__len__"); }

    /// The lock that the object has of its own, made by the server of cohort at the first call: for changes of several
    /// calls. Nothing else looks at it. @throws Error  the server is Python's
    RLockProxy lock() const { return manager::detail::own_lock(*this); }

    /// The elements from `start` up to, not including, `stop`; as Python's `a[start:stop:step]`.
    std::vector<T> slice(std::optional<Index> start = {}, std::optional<Index> stop = {},
                         std::optional<Index> step = {}) const {
        return call<std::vector<T>>("__getitem__",
                                    Object::slice(Object::from(start), Object::from(stop), Object::from(step)));
    }
    /// All elements, of one moment.
    std::vector<T> copy() const { return slice(); }

    /// Walks over the elements that the array has now, got in one call.
    using Snapshot = manager::detail::Snapshot<T>;
    Snapshot begin() const { return Snapshot(copy()); }
    Snapshot end() const { return {}; }
};

}  // namespace cohort
