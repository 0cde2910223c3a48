// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/manager/array_proxy.hpp>
#include <cohort/manager/barrier_proxy.hpp>
#include <cohort/manager/base_manager.hpp>
#include <cohort/manager/condition_proxy.hpp>
#include <cohort/manager/dict_proxy.hpp>
#include <cohort/manager/event_proxy.hpp>
#include <cohort/manager/list_proxy.hpp>
#include <cohort/manager/lock_proxy.hpp>
#include <cohort/manager/namespace_proxy.hpp>
#include <cohort/manager/pool_proxy.hpp>
#include <cohort/manager/queue_proxy.hpp>
#include <cohort/manager/semaphore_proxy.hpp>
#include <cohort/manager/set_proxy.hpp>
#include <cohort/manager/value_proxy.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

namespace manager::detail {

/// The type code of array.array for a type of numbers.
template <class T>
constexpr const char* typecode() {
    static_assert(std::is_arithmetic_v<T>, "cohort: an Array has numbers");
    constexpr bool is_signed = std::is_signed_v<T>;
    if constexpr (std::is_floating_point_v<T>)
        return sizeof(T) == sizeof(float) ? "f" : "d";
    else if constexpr (sizeof(T) == 1)
        return is_signed ? "b" : "B";
    else if constexpr (sizeof(T) == 2)
        return is_signed ? "h" : "H";
    else if constexpr (sizeof(T) == 4)
        return is_signed ? "i" : "I";
    else
        return is_signed ? "q" : "Q";
}

/// What a Value of a type is shown with: of no number, ctypes' code of any object.
template <class T>
constexpr const char* value_typecode() {
    if constexpr (is_number_v<T>)
        return typecode<T>();
    else
        return "O";
}

}  // namespace manager::detail

/// A started server process with Python's shared types (multiprocessing.Manager). The members that make an object have
/// the names of Python's.
///
/// Thread safety, FORK, DEATH: as BaseManager.
class COHORT_API Manager : public BaseManager {
public:
    /// Starts the server.
    /// @throws as BaseManager::start()
    explicit Manager(ManagerOptions options = {});

    /// A new dict with these items.
    template <class K, class V>
    DictProxy<K, V> dict(std::initializer_list<std::pair<K, V>> items = {}) const {
        return call<DictProxy<K, V>>("dict", std::vector<std::pair<K, V>>(items));
    }
    /// A new dict with these items.
    template <class K, class V>
    DictProxy<K, V> dict(const std::map<K, V>& items) const {
        return call<DictProxy<K, V>>("dict", items);
    }
    /// A new list with these elements.
    template <class T>
    ListProxy<T> list(const std::vector<T>& elements = {}) const {
        return call<ListProxy<T>>("list", elements);
    }
    /// A new set with these elements.
    template <class T>
    SetProxy<T> set(const std::set<T>& elements = {}) const {
        return call<SetProxy<T>>("set", elements);
    }
    /// A new namespace with these attributes.
    template <class... Attributes>
    NamespaceProxy Namespace(const Attributes&... attributes) const {
        return call<NamespaceProxy>("Namespace", attributes...);
    }
    /// A new value.
    template <class T>
    ValueProxy<T> Value(const T& value = {}) const {
        return call<ValueProxy<T>>("Value", manager::detail::value_typecode<T>(), value);
    }
    /// A new value that is a text.
    ValueProxy<std::string> Value(const char* text) const { return Value<std::string>(text); }
    /// A new array of as many elements; it keeps its size.
    template <class T>
    ArrayProxy<T> Array(const std::vector<T>& elements) const {
        return call<ArrayProxy<T>>("Array", manager::detail::typecode<T>(), elements);
    }
    /// @param maxsize  0: no limit
    template <class T>
    QueueProxy<T> Queue(int maxsize = 0) const {
        return call<QueueProxy<T>>("Queue", maxsize);
    }
    /// A new queue with task_done() and join(); maxsize 0: without a bound.
    template <class T>
    QueueProxy<T> JoinableQueue(int maxsize = 0) const {
        return call<QueueProxy<T>>("JoinableQueue", maxsize);
    }
    /// A new event, not set.
    EventProxy Event() const { return call<EventProxy>("Event"); }
    /// A new lock.
    LockProxy Lock() const { return call<LockProxy>("Lock"); }
    /// A new lock that its holder may acquire again.
    RLockProxy RLock() const { return call<RLockProxy>("RLock"); }
    /// @throws ValueError  negative
    SemaphoreProxy Semaphore(std::ptrdiff_t value = 1) const { return call<SemaphoreProxy>("Semaphore", value); }
    /// A new semaphore that refuses more releases than acquires (ValueError).
    SemaphoreProxy BoundedSemaphore(std::ptrdiff_t value = 1) const {
        return call<SemaphoreProxy>("BoundedSemaphore", value);
    }
    /// With an RLock of its own.
    ConditionProxy Condition() const { return call<ConditionProxy>("Condition"); }
    /// @param lock  a LockProxy or an RLockProxy of this manager, which others may use, too
    ConditionProxy Condition(const AcquirerProxy& lock) const { return call<ConditionProxy>("Condition", lock); }
    /// @param processes  how many tasks it runs at once; as many as the server has processors
    /// It runs what is registered in the server. A server that this constructor has started has nothing registered: a
    /// BaseManager can, before start().
    PoolProxy Pool(std::optional<int> processes = {}) const { return call<PoolProxy>("Pool", processes); }
    /// @param timeout  for wait(), where nothing else is said
    /// @throws ValueError  parties is less than 1
    BarrierProxy Barrier(std::ptrdiff_t parties, Timeout timeout = forever) const {
        return call<BarrierProxy>("Barrier", parties, Object(), manager::detail::seconds_of(timeout));
    }
};

}  // namespace cohort
