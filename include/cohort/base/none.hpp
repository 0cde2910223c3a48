// SPDX-License-Identifier: MIT
#pragma once

namespace cohort {

/// The type of `none`.
struct None {
    friend constexpr bool operator==(None, None) noexcept { return true; }
};

/// Python's None.
inline constexpr None none{};

}  // namespace cohort
