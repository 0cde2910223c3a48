// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include "sync/caller.hpp"

namespace cohort::sync {

/// The calling thread of this process, which enters the roster of its tree by the first call.
/// @throws as shm::this_process()
Caller this_caller();

/// The end of a wait that begins now.
Until until(Timeout timeout) noexcept;

}  // namespace cohort::sync
