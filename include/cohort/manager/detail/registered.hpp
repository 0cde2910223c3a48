// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

// How a server calls a function of the program with what a client gave.
namespace cohort::manager::detail {

/// Takes positional arguments. What it throws is told to the client.
using RegisteredCall = std::function<Object(std::span<const Object>)>;

/// @throws TypeError  as Python's for a call with another number of arguments
[[noreturn]] COHORT_API void fail_argument_count(std::size_t takes, std::size_t given);

template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class R, class... Args>
struct Signature<R(Args...)> {
    using Result = R;
    using Arguments = std::tuple<std::remove_cvref_t<Args>...>;
};
template <class R, class... Args>
struct Signature<R (*)(Args...)> : Signature<R(Args...)> {};
template <class R, class... Args>
struct Signature<R (*)(Args...) noexcept> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...)> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) const> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) noexcept> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) const noexcept> : Signature<R(Args...)> {};

template <class F, class... Args, std::size_t... I>
Object call_registered(F& function, std::tuple<Args...>*, std::span<const Object> given, std::index_sequence<I...>) {
    if (given.size() != sizeof...(Args)) fail_argument_count(sizeof...(Args), given.size());
    if constexpr (std::is_void_v<std::invoke_result_t<F&, Args...>>) {
        std::invoke(function, given[I].template to<Args>()...);
        return {};
    } else {
        return Object::from(std::invoke(function, given[I].template to<Args>()...));
    }
}

template <class F>
RegisteredCall make_registered_call(F function) {
    using Arguments = typename Signature<F>::Arguments;
    return [function = std::move(function)](std::span<const Object> given) mutable {
        return call_registered(function, static_cast<Arguments*>(nullptr), given,
                               std::make_index_sequence<std::tuple_size_v<Arguments>>());
    };
}

}  // namespace cohort::manager::detail
