// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace cohort::test {

/// Makes this process the parent of all its descendants' orphans, for good.
void become_subreaper();

/// Reaps every descendant of this process, a subreaper, as they end.
/// @returns whether none was left in time
bool all_descendants_end(std::chrono::steady_clock::duration limit);

}  // namespace cohort::test
