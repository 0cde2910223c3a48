// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

namespace cohort::serial::detail {

/// Whether this is the name of an exception: Python's own, and those of its library that have a counterpart in C++.
bool is_known_exception(const GlobalName& name) noexcept;

}  // namespace cohort::serial::detail
