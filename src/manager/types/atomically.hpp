// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

/// What changes a value in one call: cohort's clients alone know of it.
namespace cohort::manager::atomically {

/// Whether a value is the one that a client has seen: equal, or at least the same bytes, as a NaN is.
bool is_same(const Object& value, const Object& seen);

/// @returns the tuple (whether it was exchanged, the value before)
Object compare_exchange(Object& value, const Object& expected, const Object& desired);

/// @param least, most  what the sum may be; None: anything
/// @throws PythonError  TypeError: one is no number; OverflowError: 64 bits, or the limits, do not hold the sum
Object sum(const Object& left, const Object& right, const Object& least = {}, const Object& most = {});

}  // namespace cohort::manager::atomically
