// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include <poll.h>

#include <span>

namespace cohort::os {

/// Waits until one of the entries has an event; signals do not end the wait. `revents` of each entry is set.
/// @return how many entries have events; 0 when the time is up
/// @throws std::system_error
int poll(std::span<pollfd> entries, const Deadline& deadline);

/// Waits until the descriptor can be read without waiting, or has reached its end or an error.
/// @return false when the time is up
bool wait_readable(int descriptor, const Deadline& deadline);

/// Waits until the descriptor can be written without waiting, or has an error.
bool wait_writable(int descriptor, const Deadline& deadline);

}  // namespace cohort::os
