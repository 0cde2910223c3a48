// SPDX-License-Identifier: MIT
#pragma once

#include "os/futex.hpp"

#include <atomic>
#include <bit>
#include <cstdint>

namespace cohort::sync {

/// Bits 0 to 31 of a word as a futex: the kernel compares 32 bits, a CAS changes all 64.
inline const os::FutexWord& low_half(const std::atomic<std::uint64_t>& word) noexcept {
    constexpr std::size_t kIndex = std::endian::native == std::endian::little ? 0 : 1;
    return reinterpret_cast<const os::FutexWord*>(&word)[kIndex];
}

}  // namespace cohort::sync
