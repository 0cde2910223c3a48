// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/type_name.hpp>
#include <cohort/manager/detail/exposed_class.hpp>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

/// What clients of a manager may do with objects of a class of the program, for BaseManager::register_type():
/// `exposed<Counter>{}.constructor<int>().method("add", &Counter::add)`.
///
/// The objects live in the server, each as long as a proxy of it, or the program. Code of theirs runs beside the
/// server's thread: the calls of one object one after the other, in the order in which they came, those of different
/// objects at the same time. So a class needs no lock, unless the program uses its objects, too, or is concurrent().
///
/// Parameters are taken as Object::to() gives them, where one is of another type it is TypeError; a std::optional one
/// may be left out. Results are those of a registered callable: see BaseManager::register_type().
///
/// Thread safety: none.
template <class T>
class exposed {
public:
    exposed() {
        class_.name = detail::type_name<T>();
        class_.type = &manager::detail::type_of<T>;
        if constexpr (std::is_default_constructible_v<T>) constructor<>();
    }

    /// Clients make objects with arguments for these parameters. Without it, with none, if T allows it.
    /// @param parameters  their names, if clients may name them
    template <class... Args>
    exposed& constructor(std::vector<std::string> parameters = {}) {
        class_.constructor =
            manager::detail::make_code(manager::detail::Construct<T, Args...>(), std::move(parameters));
        return *this;
    }

    /// Clients call a method by this name; of several with one name the last. `__len__`, `__getitem__` and so on are
    /// what Python makes of them; `__str__` is for str() and printing, and `#GETVALUE` for ObjectProxy::value().
    /// @param function    a member function, of which a cast chooses one of several, a data member, whose value it
    ///                    gives, or a callable whose first parameter is a `T&`
    /// @param parameters  their names, if clients may name them
    /// @throws ValueError  another number of names
    template <class F>
    exposed& method(std::string name, F function, std::vector<std::string> parameters = {}) {
        auto code = manager::detail::make_method<T>(std::move(function), std::move(parameters));
        std::erase_if(class_.methods, [&](const auto& each) { return each.name == name; });
        class_.methods.push_back({std::move(name), std::move(code)});
        return *this;
    }

    /// Clients get and set a data member, or get a constant one, by a NamespaceProxy.
    template <class C, class M>
    requires std::is_object_v<M> exposed& attribute(std::string name, M C::*member) {
        std::shared_ptr<manager::detail::Code> set;
        if constexpr (!std::is_const_v<M>)
            set = manager::detail::make_method<T>(manager::detail::SetMember<C, M>{member}, {});
        class_.attributes.push_back({std::move(name), manager::detail::make_method<T>(member, {}), std::move(set)});
        return *this;
    }

    /// Several calls of one object may run at once: the class has locks of its own, as it needs them for methods that
    /// wait for each other.
    exposed& concurrent() {
        class_.concurrent = true;
        return *this;
    }

private:
    friend class BaseManager;
    manager::detail::ExposedClass class_;
};

namespace manager::detail {

template <class T>
inline constexpr bool is_exposed_v = false;
template <class T>
inline constexpr bool is_exposed_v<exposed<T>> = true;

}  // namespace manager::detail

}  // namespace cohort
