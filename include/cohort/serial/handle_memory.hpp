// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/partial.hpp>

#include <cstddef>
#include <tuple>

// Where the handles lie that a call holds. A forked child gets its arguments as memory, not as a message: so whoever
// must know which handles are among them looks at that memory.
namespace cohort::serial {

/// Takes a range of memory that may hold handles.
using HandleMemory = cohort::detail::FunctionRef<void(const void* begin, std::size_t bytes)>;

namespace detail {

template <class T>
constexpr bool has_handles(const Ancestors* ancestors);

template <class... Parts>
constexpr bool any_has_handles([[maybe_unused]] const Ancestors* ancestors, TypeList<Parts...>) {
    return (has_handles<Parts>(ancestors) || ...);
}

/// Whether a T can hold a handle of cohort's, as far as its parts tell.
template <class T>
constexpr bool has_handles([[maybe_unused]] const Ancestors* ancestors) {
    if constexpr (nature_v<T>.kind == Kind::library) {
        return true;
    } else if constexpr (nature_v<T>.kind == Kind::unsendable) {
        return false;
    } else {
        if (ancestors != nullptr && ancestors->contain(NameHash<T>::value)) return false;
        Ancestors here{ancestors, NameHash<T>::value};
        return any_has_handles(&here, typename Form<T>::Parts());
    }
}

template <class T>
inline constexpr bool has_handles_v = has_handles<std::remove_cv_t<T>>(nullptr);

template <class T>
concept Ranged = requires(const T& value) {
    value.begin();
    value.end();
};

template <class T>
void visit_outlying(const T& value, HandleMemory visit);

template <class Item>
void visit_item(const Item& item, HandleMemory visit) {
    visit(&item, sizeof item);
    visit_outlying(item, visit);
}

/// The memory that belongs to a value and lies outside of its object: the items of containers, owned objects.
template <class T>
void visit_outlying(const T& value, HandleMemory visit) {
    constexpr Kind kind = nature_v<T>.kind;
    // A handle of the library has nothing outside; that it can be walked through, as a queue, is another matter.
    if constexpr (!has_handles_v<T> || kind == Kind::library) {
    } else if constexpr (kind == Kind::aggregate) {
        visit_fields(value, [&](const auto&... fields) { (visit_outlying(fields, visit), ...); });
    } else if constexpr (kind == Kind::tuple) {
        std::apply([&](const auto&... parts) { (visit_outlying(parts, visit), ...); }, value);
    } else if constexpr (kind == Kind::optional) {
        if (value) visit_outlying(*value, visit);
    } else if constexpr (kind == Kind::unique_pointer) {
        if (value) visit_item(*value, visit);
    } else if constexpr (std::is_array_v<T> || Ranged<T>) {
        for (const auto& item : value) visit_item(item, visit);
    }
}

}  // namespace detail

/// Visits the memory of a value that may hold handles: its object, and the items of containers in it. What lies behind
/// a shared pointer, a variant or a type's own functions for cereal is not followed.
template <class T>
void visit_handle_memory(const T& value, HandleMemory visit) {
    visit(&value, sizeof value);
    detail::visit_outlying(value, visit);
}

/// The same for a callable with values bound to it.
template <class F, class... Bound>
void visit_handle_memory(const Partial<F, Bound...>& value, HandleMemory visit) {
    visit_handle_memory(value.function(), visit);
    std::apply([&](const Bound&... values) { (visit_handle_memory(values, visit), ...); }, value.bound());
}

}  // namespace cohort::serial
