// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::process {

/// Registers the end of the children with the C library, as `std::atexit` would, and takes the earlier registration
/// back: called at each start, so that the children end before static objects that were made before the latest start
/// are destroyed, and many starts do not make the list of handlers grow.
///
/// Thread safety and FORK: the mutex of Runtime is held, over forks too. So no child of cohort begins with the C
/// library's lock on its handlers taken by another thread's start, and could not exit.
void renew_exit_hook();

}  // namespace cohort::process
