// SPDX-License-Identifier: MIT
#pragma once

#include "sync/caller.hpp"

namespace cohort::sync {

/// The calling thread of this process, which enters the roster of its tree by the first call.
/// @throws as shm::this_process()
Caller this_caller();

}  // namespace cohort::sync
