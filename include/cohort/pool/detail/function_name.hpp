// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/serial/partial.hpp>

#include <cstdint>
#include <string>
#include <type_traits>

namespace cohort::detail {

/// The name of the function at an address, `a function` if it has none.
COHORT_API std::string name_of_code(std::uintptr_t address);

/// What to call a callable in messages to people.
template <class F>
std::string function_name(const F& function) {
    if constexpr (std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>)
        return name_of_code(reinterpret_cast<std::uintptr_t>(function));
    else
        return type_name<F>();
}

template <class F, class... Bound>
std::string function_name(const Partial<F, Bound...>& partial) {
    return function_name(partial.function());
}

}  // namespace cohort::detail
