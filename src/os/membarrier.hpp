// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::os {

/// Registers this process for the barriers of others (MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED).
/// FORK: the child is registered too. An exec ends it.
/// @return false where the kernel has no such call, or a filter does not allow it: then use fences
bool register_for_membarrier() noexcept;

/// A full fence in every running thread of all registered processes: the costly side of an asymmetric pair.
/// @return false where the kernel does not do it; no fence was made then, not even here
bool membarrier_all_registered() noexcept;

}  // namespace cohort::os
