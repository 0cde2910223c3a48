// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>
#include <cohort/pool/detail/task_check.hpp>
#include <cohort/process/target.hpp>

#include <cstddef>
#include <functional>
#include <ranges>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

// How tasks are called where they are submitted: with the arguments themselves, which need no codec.
namespace cohort::detail {

/// A callable that takes a stop token before its other arguments.
template <class F>
struct WithStopToken {
    F& function;
    const std::stop_token& token;

    template <class... Given>
    auto operator()(Given&&... given) const -> std::invoke_result_t<F&, std::stop_token, Given...> {
        return std::invoke(function, std::stop_token(token), std::forward<Given>(given)...);
    }
};

template <class F, class... Args>
constexpr auto find_local_way() {
    using Plain = passing_t<F, Args...>;
    if constexpr (!std::is_same_v<Plain, NoWayToCall>)
        return Plain();
    else
        return passing_t<WithStopToken<F>, Args...>();
}

/// A call of an F with objects of these types where they are; const ones stay so. Without a stop token, if that is
/// possible.
template <class F, class... Args>
struct LocalTask {
    using Way = decltype(find_local_way<F, Args...>());
    static constexpr bool exists = !std::is_same_v<Way, NoWayToCall>;
    static constexpr bool takes_stop_token = exists && std::is_same_v<passing_t<F, Args...>, NoWayToCall>;

    /// @param arguments  a tuple, or what std::get treats as one
    template <class Tuple>
    static decltype(auto) call(F& function, Tuple& arguments, [[maybe_unused]] const std::stop_token& stop) {
        if constexpr (takes_stop_token) {
            WithStopToken<F> callee{function, stop};
            return Way::call(callee, arguments);
        } else {
            return Way::call(function, arguments);
        }
    }

    static constexpr auto find_result() {
        if constexpr (!exists)
            return std::type_identity<AnyResult>();
        else if constexpr (takes_stop_token)
            return std::type_identity<std::remove_cvref_t<typename Way::template result_t<WithStopToken<F>>>>();
        else
            return std::type_identity<std::remove_cvref_t<typename Way::template result_t<F>>>();
    }
    using Result = typename decltype(find_result())::type;
};

/// A call of an F with the elements of a tuple: where they are, if it takes them so and they are of the types in which
/// arguments are stored; else with copies.
template <class F, class Tuple, class Indices = std::make_index_sequence<std::tuple_size_v<std::remove_const_t<Tuple>>>>
struct Spread;
template <class F, class Tuple, std::size_t... I>
struct Spread<F, Tuple, std::index_sequence<I...>> {
    template <std::size_t Index>
    using Element = std::remove_reference_t<decltype(std::get<Index>(std::declval<Tuple&>()))>;

    using InPlace = LocalTask<F, Element<I>...>;
    using Copied = LocalTask<F, stored_t<Element<I>>...>;
    using Result = typename Copied::Result;

    static constexpr bool is_stored = (std::is_same_v<std::remove_const_t<Element<I>>, stored_t<Element<I>>> && ...);

    static Result call(F& function, Tuple& tuple, const std::stop_token& stop) {
        if constexpr (is_stored && InPlace::exists) {
            return static_cast<Result>(InPlace::call(function, tuple, stop));
        } else {
            static_assert((std::is_constructible_v<stored_t<Element<I>>, Element<I>&> && ...),
                          "cohort::ThreadPool: the task needs its item for itself, and this one can be neither changed "
                          "where it is nor copied: give the items in a container that is not const");
            std::tuple<stored_t<Element<I>>...> copies(std::get<I>(tuple)...);
            return static_cast<Result>(Copied::call(function, copies, stop));
        }
    }
};

/// The task does not take these arguments, neither with nor without a stop token.
template <class F, class... Args>
struct UncallableHere {
    static constexpr bool exists = true;
    static constexpr void explain() {
        static_assert(
            LocalTask<F, Args...>::exists,
            "cohort::ThreadPool: the task cannot be called with these arguments (each is passed as an lvalue, "
            "or moved if that does not compile; a std::stop_token may come before them)");
    }
};

/// A callable and the stored types of its arguments.
template <class F, class... Args>
struct LocalTaskCheck {
    using Result = typename LocalTask<F, Args...>::Result;
    using Fault = std::conditional_t<LocalTask<F, Args...>::exists, serial::NoFault, UncallableHere<F, Args...>>;
};

template <class F, class... Given>
constexpr auto find_local_apply_fault() {
    using Uncallable = typename LocalTaskCheck<F, stored_t<Given>...>::Fault;
    if constexpr (Uncallable::exists || (is_storable_v<Given> && ...))
        return Uncallable();
    else
        return storing_fault_t<Given...>();
}

/// A callable and the types of its arguments as they are given.
template <class F, class... Given>
struct LocalApplyCheck {
    using Result = typename LocalTaskCheck<F, stored_t<Given>...>::Result;
    using Fault = decltype(find_local_apply_fault<F, Given...>());
};

template <class F, class Tuple, class Indices = std::make_index_sequence<std::tuple_size_v<Tuple>>>
struct LocalTupleCheck;
template <class F, class Tuple, std::size_t... I>
struct LocalTupleCheck<F, Tuple, std::index_sequence<I...>>
    : LocalTaskCheck<F, stored_t<std::tuple_element_t<I, Tuple>>...> {};

/// A callable and the type of the items, which are tuples of arguments.
template <class F, class Item>
struct LocalStarmapCheck {
    using Result = AnyResult;
    using Fault = NoTuple<Item>;
};
template <class F, class Item>
requires requires {
    std::tuple_size<Item>::value;
}
struct LocalStarmapCheck<F, Item> : LocalTupleCheck<F, Item> {};

}  // namespace cohort::detail
