// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace cohort::os {

/// Bytes from the kernel's cryptographic generator.
/// @throws std::system_error  the kernel has none
std::string random_bytes(std::size_t count);

}  // namespace cohort::os
