// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace cohort::detail {

template <class T>
struct BytesOf {
    unsigned char at[sizeof(T)];
};

// Constant evaluation cannot make an object with pointers, references or unions of bytes.
template <class T, class = void>
inline constexpr bool made_of_bytes_v = false;
template <class T>
inline constexpr bool
    made_of_bytes_v<T, std::enable_if_t<(static_cast<void>(__builtin_bit_cast(T, BytesOf<T>{})), true)>> = true;

/// Whether the bytes of a T mean the same in every process: it is trivially copyable and holds no pointer, reference
/// or union.
template <class T>
constexpr bool is_pointer_free() {
    if constexpr (!std::is_trivially_copyable_v<T> || std::is_const_v<T> || std::is_volatile_v<T>)
        return false;
    else if constexpr (std::is_array_v<T>)
        return is_pointer_free<std::remove_extent_t<T>>();
    else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
        return true;
    else
        return made_of_bytes_v<T>;
}

}  // namespace cohort::detail
