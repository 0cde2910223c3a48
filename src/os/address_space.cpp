// SPDX-License-Identifier: MIT
#include "os/address_space.hpp"

#include "os/mapping.hpp"
#include "os/system_call.hpp"

#include <sys/mman.h>

namespace cohort::os {

bool is_mapped(std::uintptr_t address) noexcept {
    unsigned char resident = 0;
    auto page = address - address % page_size();
    // NOLINTNEXTLINE(performance-no-int-to-ptr): whether it is a pointer at all is the question
    return uninterrupted("mincore", [&] { return ::mincore(reinterpret_cast<void*>(page), 1, &resident); }) == 0;
}

}  // namespace cohort::os
