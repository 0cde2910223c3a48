// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace cohort::test {

/// Makes every test of this program fail that leaves something behind: a process (children, and orphans they left), an
/// open descriptor (or one that it closed and did not open), a name in /dev/shm, a file in the temporary folder. What
/// is about to go by itself is given some seconds; only tests that fail take that long.
///
/// The temporary folder (TMPDIR) of the program is one of its own, empty at first and removed at the end. A child that
/// returns into the test framework is ended.
void install_leak_check();

/// That folder.
std::string temporary_folder();

/// Runs `settle` after each test, before the check: to end what the library keeps until the program ends.
void after_each_test(void (*settle)());

}  // namespace cohort::test
