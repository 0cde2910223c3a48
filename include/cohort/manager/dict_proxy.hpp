// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/manager/detail/element_reference.hpp>
#include <cohort/manager/detail/snapshot.hpp>
#include <cohort/manager/lock_proxy.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace cohort {

/// Stands for a dict in a manager's server (multiprocessing.managers.DictProxy). Each member is one call, atomic in
/// itself, unless it says otherwise.
///
/// @tparam K, V  what keys and values are here; the server takes any, and another type there is SerializationError here
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
template <class K, class V>
class DictProxy : public ObjectProxy {
public:
    using key_type = K;
    using mapped_type = V;
    /// Pairs of key and value, in the dict's order.
    using Items = std::vector<std::pair<K, V>>;
    using reference = manager::detail::ElementReference<V>;

    DictProxy() noexcept = default;
    /// @param proxy  of a dict
    explicit DictProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static DictProxy from_object(const Object& object) { return DictProxy(ObjectProxy::from_object(object)); }

    /// The value of a key: reads, assigns, and changes by `+=`, `-=` and so on, which are atomic on a server of cohort.
    /// Reading throws KeyError if there is no such key.
    reference operator[](const K& key) const { return {*this, Object::from(key)}; }
    /// @throws KeyError  there is no such key
    V at(const K& key) const { return call<V>("__getitem__", key); }
    /// The value of a key, or `otherwise`.
    V get(const K& key, const V& otherwise) const { return call<V>("get", key, otherwise); }
    /// The value, or nothing if the key is missing.
    std::optional<V> get(const K& key) const { return call<std::optional<V>>("get", key); }
    /// Whether the key is there.
    bool contains(const K& key) const { return call<bool>("__contains__", key); }
    std::size_t size() const { return call<std::size_t>("__len__"); }
    bool empty() const { return size() == 0; }

    /// Python's `d[key] = value`.
    void insert_or_assign(const K& key, const V& value) const { call<void>("__setitem__", key, value); }
    /// @returns whether there was such a key
    bool erase(const K& key) const {
        try {
            call<void>("__delitem__", key);
            return true;
        } catch (const KeyError&) {
            return false;
        }
    }
    /// Takes a value out. @throws KeyError  there is no such key
    V pop(const K& key) const { return call<V>("pop", key); }
    /// Takes the value out; `otherwise` if the key is missing.
    V pop(const K& key, const V& otherwise) const { return call<V>("pop", key, otherwise); }
    /// Takes out what was inserted last. @throws KeyError  the dict is empty
    std::pair<K, V> popitem() const { return call<std::pair<K, V>>("popitem"); }
    /// Inserts a value if there is no such key. @returns the value that is there then
    V setdefault(const K& key, const V& value) const { return call<V>("setdefault", key, value); }
    /// Inserts or replaces all these, in one step.
    void update(const std::map<K, V>& items) const { call<void>("update", items); }
    /// Removes all items.
    void clear() const { call<void>("clear"); }

    /// Changes the value of a key to what `change` makes of it. `change` runs here, and again while others have changed
    /// the value meanwhile: on a server of cohort no change is lost. On Python's it is a call that reads and one that
    /// writes.
    /// @param change  `V(V)`
    /// @returns the new value
    /// @throws KeyError  there is no such key
    template <class F>
    V update_with(const K& key, F&& change) const {
        return (*this)[key].update(std::forward<F>(change));
    }
    /// Sets the value of a key to `desired` if it is equal to `expected`, in one call.
    /// @param expected  gets the value that is there if it is another
    /// @returns whether it was set
    /// @throws KeyError  there is no such key   @throws Error  the server is Python's, which cannot do it
    bool compare_exchange(const K& key, V& expected, const V& desired) const {
        const Object name = Object::from(key);
        const auto other =
            manager::detail::compare_exchange(*this, &name, Object::from(expected), Object::from(desired));
        if (other) expected = other->template to<V>();
        return !other;
    }

    /// In the order in which they were inserted.
    std::vector<K> keys() const { return call<std::vector<K>>("keys"); }
    /// All values, of one moment.
    std::vector<V> values() const { return call<std::vector<V>>("values"); }
    /// All items, of one moment.
    Items items() const { return call<Items>("items"); }
    /// A dict of this process, of one moment.
    std::map<K, V> copy() const { return call<std::map<K, V>>("copy"); }

    /// The lock that the object has of its own, made by the server of cohort at the first call: for changes of several
    /// calls. Nothing else looks at it. @throws Error  the server is Python's
    RLockProxy lock() const { return manager::detail::own_lock(*this); }

    /// Walks over the items that the dict has now, got in one call.
    using Snapshot = manager::detail::Snapshot<std::pair<K, V>>;
    Snapshot begin() const { return Snapshot(items()); }
    Snapshot end() const { return {}; }
};

}  // namespace cohort
