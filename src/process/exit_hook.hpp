// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::process {

/// Registers the end of children with `std::atexit`: once more at each start, so that it runs before the destructors of
/// static objects that were made before the latest start.
void register_exit_hook();

}  // namespace cohort::process
