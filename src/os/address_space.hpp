// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace cohort::os {

/// Whether the page of an address is mapped in this process. False where the kernel does not tell.
bool is_mapped(std::uintptr_t address) noexcept;

}  // namespace cohort::os
