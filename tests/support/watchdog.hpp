// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::test {

/// Ends this program when one of its tests takes too long, after it has written to stderr where every thread of it and
/// of its descendants is. The time is COHORT_TEST_TIMEOUT in the environment, in seconds; 0: no limit.
///
/// The watchdog is a process of its own, no child of this one and without a descriptor in it, so that it disturbs no
/// test and works whatever hangs. It ends with this program.
void install_watchdog();

}  // namespace cohort::test
