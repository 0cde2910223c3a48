// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace cohort::os {

/// Lets this process, and the children that it makes from now on, have so much more private memory than it has now;
/// beyond, allocations fail.
/// @param bytes  more
/// @throws std::system_error
void limit_memory_growth(std::size_t bytes);

}  // namespace cohort::os
