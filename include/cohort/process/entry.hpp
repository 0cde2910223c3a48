// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

namespace cohort::detail {

// What the object that comes with cohort::cohort calls; not for programs.

/// Tells that the entry is linked in; before `main`.
/// @param write_coverage  writes the coverage data of this process, if the program is instrumented
COHORT_API void note_entry(void (*write_coverage)()) noexcept;

/// Runs a started child, or else `program`, the real main.
COHORT_API int enter(int argc, char** argv, char** environment, int (*program)(int, char**, char**));

}  // namespace cohort::detail
