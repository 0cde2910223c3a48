// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/lock_proxy.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <string>
#include <utility>

namespace cohort {

/// Stands for a Namespace in a manager's server: attributes of any type (multiprocessing.managers.NamespaceProxy).
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
class NamespaceProxy : public ObjectProxy {
public:
    NamespaceProxy() noexcept = default;
    /// @param proxy  of a Namespace
    explicit NamespaceProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static NamespaceProxy from_object(const Object& object) { return NamespaceProxy(ObjectProxy::from_object(object)); }

    /// @throws AttributeError  there is no such attribute
    template <class T = Object>
    T get(const std::string& name) const {
        return call<T>("__getattribute__", name);
    }
    /// Gives the attribute a value; it need not exist.
    template <class T>
    void set(const std::string& name, const T& value) const {
        call<void>("__setattr__", name, value);
    }
    /// @throws AttributeError  there is no such attribute
    void erase(const std::string& name) const { call<void>("__delattr__", name); }

    /// The lock that the object has of its own, made by the server of cohort at the first call: for changes of several
    /// calls. Nothing else looks at it. @throws Error  the server is Python's
    RLockProxy lock() const { return manager::detail::own_lock(*this); }
};

}  // namespace cohort
