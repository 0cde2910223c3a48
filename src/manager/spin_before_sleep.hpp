// SPDX-License-Identifier: MIT
#pragma once

#include "manager/yielder.hpp"
#include "shm/spinner.hpp"

#include <utility>

namespace cohort::manager {

/// Spins while that pays, and else lets others run, since the partner may be one of those who wait for this core. For
/// where each look is a system call: the first comes after a pause or a turn of others, and there is none where neither
/// pays, since the sleep that follows looks, too.
/// @param look  throws nothing
template <class Look>
bool wait_before_sleep(shm::Spinner& spinner, Yielder& yielder, const Look& look) noexcept {
    bool first = true;  // the look before the spin
    return spinner.spin([&]() noexcept { return !std::exchange(first, false) && look(); }) ||
           (!spinner.pays() && yielder.wait(look));
}

/// The same where a look costs nothing. In a crowd nobody spins, on a core that another could use.
/// @param ready  throws nothing
template <class Ready>
bool wait_before_sleep(bool in_crowd, shm::Spinner& spinner, Yielder& yielder, const Ready& ready) noexcept {
    if (in_crowd) return ready() || yielder.wait(ready);
    return spinner.spin(ready) || (!spinner.pays() && yielder.wait(ready));
}

}  // namespace cohort::manager
