// SPDX-License-Identifier: MIT
#pragma once

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

// What the fuzz targets watch: ends the target, as a sanitizer does, where a rule is broken.
namespace fuzz {

inline std::size_t largest_allocation = 0;

inline void require(bool holds) {
    if (!holds) std::abort();
}

/// From now on `largest_allocation` is kept.
inline void watch_allocations() {
    auto note = [](const volatile void*, std::size_t size) { largest_allocation = std::max(largest_allocation, size); };
    require(__sanitizer_install_malloc_and_free_hooks(note, [](const volatile void*) {}) != 0);
}

}  // namespace fuzz
