// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>
#include <cohort/process/target.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/cure.hpp>

#include <cstddef>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// What the types of a call tell before anything is made of them: one error with the cure, and no other behind it.
namespace cohort::detail {

/// The task does not take these arguments.
template <class F, class... Args>
struct Uncallable {
    static constexpr bool exists = true;
    static constexpr void explain() {
        static_assert(is_stored_invocable_v<F, Args...>,
                      "cohort::Pool: the task cannot be called with these arguments (each is stored as a copy, text as "
                      "std::string, and passed as an lvalue, or moved if that does not compile)");
    }
};

/// The items of a starmap are no tuples.
template <class Item>
struct NoTuple {
    static constexpr bool exists = true;
    static constexpr void explain() {
        static_assert(std::is_void_v<Item>,
                      "cohort::Pool: the items of starmap are the arguments of one call each, in a std::tuple, "
                      "std::pair or std::array: use map for a single argument");
    }
};

/// Stands for the result of a call that cannot be made, wherever it is used.
struct AnyResult {
    template <class T>
    operator T() const;  // NOLINT(google-explicit-constructor)
};

/// What a call returns that did not compile: declared only.
template <class Result>
[[noreturn]] Result unmade();

/// What a call of F with Args (stored types) returns here.
template <class F, class... Args>
constexpr auto find_result() {
    if constexpr (is_stored_invocable_v<F, Args...>)
        return std::type_identity<std::remove_cvref_t<stored_result_t<F, Args...>>>();
    else
        return std::type_identity<AnyResult>();
}

/// What becomes of results of type R, one for each item.
template <class R>
using results_t = std::conditional_t<std::is_void_v<R> || std::is_same_v<R, AnyResult>, R, std::vector<R>>;

template <class Result, class F, class... Args>
constexpr auto find_task_fault() {
    if constexpr (!is_stored_invocable_v<F, Args...>)
        return Uncallable<F, Args...>();
    else if constexpr (!serial::travels_v<F>)
        return serial::callable_fault_t<F>();
    else if constexpr (!(serial::argument_travels_v<Args> && ...))
        return serial::first_argument_fault_t<Args...>();
    else if constexpr (!std::is_void_v<Result>)
        return serial::value_fault_t<Result>();
    else
        return serial::NoFault();
}

/// A callable and the stored types of its arguments.
template <class F, class... Args>
struct TaskCheck {
    using Result = typename decltype(find_result<F, Args...>())::type;
    using Fault = decltype(find_task_fault<Result, F, Args...>());
};

template <class F, class... Given>
constexpr auto find_apply_fault() {
    using Unsendable = typename TaskCheck<F, stored_t<Given>...>::Fault;
    if constexpr (Unsendable::exists || (is_storable_v<Given> && ...))
        return Unsendable();
    else
        return storing_fault_t<Given...>();
}

/// A callable and the types of its arguments as they are given.
template <class F, class... Given>
struct ApplyCheck {
    using Result = typename TaskCheck<F, stored_t<Given>...>::Result;
    using Fault = decltype(find_apply_fault<F, Given...>());
};

/// A callable and the type of the items.
template <class F, class Item>
using MapCheck = TaskCheck<F, stored_t<Item>>;

template <class F, class Tuple, class Indices = std::make_index_sequence<std::tuple_size_v<Tuple>>>
struct TupleCheck;
template <class F, class Tuple, std::size_t... I>
struct TupleCheck<F, Tuple, std::index_sequence<I...>> : TaskCheck<F, stored_t<std::tuple_element_t<I, Tuple>>...> {};

/// A callable and the type of the items, which are tuples of arguments.
template <class F, class Item>
struct StarmapCheck {
    using Result = AnyResult;
    using Fault = NoTuple<Item>;
};
template <class F, class Item>
requires requires {
    std::tuple_size<Item>::value;
}
struct StarmapCheck<F, Item> : TupleCheck<F, Item> {};

/// A callable as it is given, and the range of the items.
template <class F, class Range>
using MapCheckOver = MapCheck<std::decay_t<F>, std::ranges::range_value_t<Range>>;
template <class F, class Range>
using StarmapCheckOver = StarmapCheck<std::decay_t<F>, std::ranges::range_value_t<Range>>;

}  // namespace cohort::detail
