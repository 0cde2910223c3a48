// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace cohort::os {

/// REQUIRES of an environment: each variable is one line `NAME=value` that can be told apart again.
/// @throws ValueError  that names the variable: an empty name, a `=` in a name, a NUL in name or value
void check_environment_variable(const std::string& name, const std::string& value);

}  // namespace cohort::os
