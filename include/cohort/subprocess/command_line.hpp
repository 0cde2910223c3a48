// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <string>
#include <vector>

namespace cohort::subprocess {

/// The program and its arguments as one line, for people to read: as Python's list2cmdline, arguments with blanks stand
/// in double quotes. Not for a shell.
/// Thread safety: safe.
COHORT_API std::string list2cmdline(const std::vector<std::string>& args);

}  // namespace cohort::subprocess
