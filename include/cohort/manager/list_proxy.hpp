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

/// Stands for a list in a manager's server (multiprocessing.managers.ListProxy). Each member is one call, atomic in
/// itself. Indices that are negative count from the end.
///
/// @tparam T  what elements are here; the server takes any, and another type there is SerializationError here
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
template <class T>
class ListProxy : public ObjectProxy {
public:
    using value_type = T;
    using reference = manager::detail::ElementReference<T>;
    /// A position; negative ones count from the end.
    using Index = std::int64_t;

    ListProxy() noexcept = default;
    /// @param proxy  of a list
    explicit ListProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static ListProxy from_object(const Object& object) { return ListProxy(ObjectProxy::from_object(object)); }

    /// An element: reads, assigns, and changes by `+=`, `-=` and so on, which are atomic on a server of cohort.
    /// Its use throws std::out_of_range if there is no such element.
    reference operator[](Index index) const { return {*this, Object::from(index)}; }
    /// @throws std::out_of_range  there is no such element
    T at(Index index) const { return call<T>("__getitem__", index); }
    std::size_t size() const { return call<std::size_t>("__len__"); }
    bool empty() const { return size() == 0; }

    /// Adds an element at the end.
    void append(const T& element) const { call<void>("append", element); }
    /// Adds all these at the end, in one step.
    void extend(const std::vector<T>& elements) const { call<void>("extend", elements); }
    /// @param index  where the element will be; stops at the ends
    void insert(Index index, const T& element) const { call<void>("insert", index, element); }
    /// @throws std::out_of_range  there is no such element
    T pop(Index index = -1) const { return call<T>("pop", index); }
    /// Python's `del l[index]` (IndexError).
    void erase(Index index) const { call<void>("__delitem__", index); }
    /// Removes the first element that is equal. @throws ValueError  there is none
    void remove(const T& element) const { call<void>("remove", element); }
    /// Removes all elements.
    void clear() const { call<void>("__delitem__", Object::slice({}, {})); }

    /// Where the first element is that is equal. @throws ValueError  there is none
    std::size_t index(const T& element) const { return call<std::size_t>("index", element); }
    /// How often the element is there.
    std::size_t count(const T& element) const { return call<std::size_t>("count", element); }
    /// Whether the element is there.
    bool contains(const T& element) const { return call<bool>("__contains__", element); }
    /// Turns the order round, in place.
    void reverse() const { call<void>("reverse"); }
    /// @throws TypeError  two elements cannot be compared
    void sort(bool reverse = false) const { call<void>("sort", kw("reverse", reverse)); }

    /// The elements from `start` up to, not including, `stop`; as Python's `l[start:stop:step]`.
    std::vector<T> slice(std::optional<Index> start = {}, std::optional<Index> stop = {},
                         std::optional<Index> step = {}) const {
        return call<std::vector<T>>("__getitem__",
                                    Object::slice(Object::from(start), Object::from(stop), Object::from(step)));
    }
    /// All elements, of one moment.
    std::vector<T> copy() const { return value<std::vector<T>>(); }

    /// Changes an element to what `change` makes of it; as DictProxy::update_with().
    template <class F>
    T update_with(Index index, F&& change) const {
        return (*this)[index].update(std::forward<F>(change));
    }
    /// As DictProxy::compare_exchange().
    bool compare_exchange(Index index, T& expected, const T& desired) const {
        const Object place = Object::from(index);
        const auto other =
            manager::detail::compare_exchange(*this, &place, Object::from(expected), Object::from(desired));
        if (other) expected = other->template to<T>();
        return !other;
    }

    /// The lock that the object has of its own, made by the server of cohort at the first call: for changes of several
    /// calls. Nothing else looks at it. @throws Error  the server is Python's
    RLockProxy lock() const { return manager::detail::own_lock(*this); }

    /// Walks over the elements that the list has now, got in one call.
    using Snapshot = manager::detail::Snapshot<T>;
    Snapshot begin() const { return Snapshot(copy()); }
    Snapshot end() const { return {}; }
};

}  // namespace cohort
