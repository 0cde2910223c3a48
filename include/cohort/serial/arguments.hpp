// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>

#include <tuple>
#include <utility>

namespace cohort {

/// The arguments of one call, kept together where options follow them: made by cohort::args().
///
/// Thread safety: a value.
template <class... Args>
struct Arguments {
    /// The stored copies.
    std::tuple<Args...> values;
};

namespace detail {

template <class T>
inline constexpr bool is_arguments_v = false;
template <class... Args>
inline constexpr bool is_arguments_v<Arguments<Args...>> = true;

}  // namespace detail

/// Keeps the arguments of a call: copies of what is given, moved in where it is an rvalue, text as `std::string`.
template <class... Args>
Arguments<detail::stored_t<Args>...> args(Args&&... arguments) {
    return {detail::store_arguments(std::forward<Args>(arguments)...)};
}

}  // namespace cohort
