// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <compare>
#include <cstddef>

namespace cohort::serial::detail {

/// Whether it is a bool, an int, a float, a complex or a Decimal: their values are compared across the types.
bool is_number(const Object& object) noexcept;

/// REQUIRES: both are numbers, none complex. Exact.
std::partial_ordering compare_numbers(const Object& left, const Object& right);

/// REQUIRES: both are numbers.
bool equal_numbers(const Object& left, const Object& right);

/// The same for equal numbers of all types. REQUIRES: it is a number.
std::size_t hash_number(const Object& object);

}  // namespace cohort::serial::detail
