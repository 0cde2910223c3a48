// SPDX-License-Identifier: MIT
#pragma once

#include "shm/spinner.hpp"

#include <utility>

namespace cohort::manager {

/// Spins where each look is a system call: there is none where it does not pay, since the sleep that follows looks,
/// too.
/// @param look  throws nothing
template <class Look>
bool spin_before_sleep(shm::Spinner& spinner, const Look& look) noexcept {
    bool first = true;  // the look before the spin
    return spinner.spin([&]() noexcept { return !std::exchange(first, false) && look(); });
}

}  // namespace cohort::manager
