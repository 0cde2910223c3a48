// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

namespace cohort::detail {

/// Whether a copy of the bytes is a copy of the object. Assignment does not count, unlike in
/// std::is_trivially_copyable: closures have none, pairs and tuples have one of their own; and gcc 12 gives closures
/// that were asked for their assignment another answer than before.
template <class T>
inline constexpr bool is_plain_data_v = std::is_trivially_destructible_v<T> &&
                                        (std::is_trivially_copy_constructible_v<T> ||
                                         (std::is_trivially_move_constructible_v<T> &&
                                          !std::is_copy_constructible_v<T>));

}  // namespace cohort::detail
