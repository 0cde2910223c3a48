// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/element_reference.hpp>
#include <cohort/manager/lock_proxy.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <utility>

namespace cohort {

/// Stands for a Value in a manager's server (multiprocessing.managers.ValueProxy).
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
template <class T>
class ValueProxy : public ObjectProxy {
public:
    using value_type = T;

    ValueProxy() noexcept = default;
    /// @param proxy  of a Value
    explicit ValueProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static ValueProxy from_object(const Object& object) { return ValueProxy(ObjectProxy::from_object(object)); }

    /// The value of this moment.
    T get() const { return call<T>("get"); }
    /// Replaces the value.
    void set(const T& value) const { call<void>("set", value); }
    /// As get().
    T value() const { return get(); }
    /// As set().
    void set_value(const T& value) const { set(value); }

    /// Adds in one call. @returns the value before
    /// @throws Error  the server is Python's, which cannot do it
    /// @throws std::overflow_error  T does not hold the sum: nothing is changed
    T fetch_add(const T& number) const requires manager::detail::is_number_v<T> {
        const Object sum = manager::detail::add_to<T>(*this, nullptr, Object::from(number));
        return static_cast<T>(sum.to<T>() - number);
    }
    /// As DictProxy::compare_exchange().
    bool compare_exchange(T& expected, const T& desired) const {
        const auto other =
            manager::detail::compare_exchange(*this, nullptr, Object::from(expected), Object::from(desired));
        if (other) expected = other->template to<T>();
        return !other;
    }

    /// The lock that the object has of its own, made by the server of cohort at the first call: for changes of several
    /// calls. Nothing else looks at it. @throws Error  the server is Python's
    RLockProxy lock() const { return manager::detail::own_lock(*this); }
};

}  // namespace cohort
