// SPDX-License-Identifier: MIT
#pragma once

namespace bench {

/// Binds the calling thread, and what it forks from now on, to a core.
void pin(int core);
/// Lets the calling thread run on every core again.
void unpin();

/// Nanoseconds that a cache line takes from the first core to the second. Virtual cores move: what lies in shared
/// memory becomes 2 to 9 times as fast or slow with this figure. About 115 is near, over 450 far.
double core_distance();

/// Between the two: no distance has been seen near it.
inline constexpr double kFarNanoseconds = 300;

}  // namespace bench
