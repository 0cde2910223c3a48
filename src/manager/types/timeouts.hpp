// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include "manager/call.hpp"

#include <cstddef>

namespace cohort::manager {

/// The argument `timeout` of a method, by its place or its name: seconds, or None for ever.
/// @throws PythonError  TypeError
Timeout timeout_argument(const Call& call, std::size_t place);

/// Seconds, or None for ever.
/// @throws PythonError  TypeError
Timeout timeout_from(const Object& seconds);

}  // namespace cohort::manager
