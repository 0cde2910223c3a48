// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace cohort::os {

/// A memfd that holds these bytes.
/// @throws std::system_error  no descriptor or no memory
Descriptor memfd_with(const char* name, std::span<const std::byte> bytes);

/// All bytes of a memfd, wherever its file position is. Empty when the descriptor is not open or is no memfd.
std::optional<std::vector<std::byte>> memfd_content(int descriptor);

}  // namespace cohort::os
