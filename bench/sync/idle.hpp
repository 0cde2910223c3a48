// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace bench {

inline constexpr int kIdlers = 100;

/// How many millionths of a core each of kIdlers processes uses while it waits.
/// @param wait   blocks until `end` was called
double millionths_while_waiting(const std::function<void()>& wait, const std::function<void()>& end);

}  // namespace bench
