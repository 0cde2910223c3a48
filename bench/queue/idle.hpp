// SPDX-License-Identifier: MIT
#pragma once

namespace bench {

/// The time of a core, in percent, that a process uses while it is blocked in get() of a cohort queue: that of 100
/// processes in 3 seconds, divided among them.
/// @throws std::runtime_error  one of them did not get its message after that
double percent_of_a_core_while_idle();

}  // namespace bench
