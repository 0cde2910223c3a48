// SPDX-License-Identifier: MIT
#pragma once

#include "manager/yielder.hpp"
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

/// Where a look costs nothing: spins while that pays, and else lets others run, since the partner may be one of those
/// who wait for this core. In a crowd nobody spins, on a core that another could use.
/// @param ready  throws nothing
template <class Ready>
bool wait_before_sleep(bool in_crowd, shm::Spinner& spinner, Yielder& yielder, const Ready& ready) noexcept {
    if (in_crowd) return ready() || yielder.wait(ready);
    return spinner.spin(ready) || (!spinner.pays() && yielder.wait(ready));
}

}  // namespace cohort::manager
