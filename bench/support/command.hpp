// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace bench {

/// The number that a command prints.
/// @throws std::runtime_error  it printed none, or failed
double figure_of_command(const std::string& command);

/// The first word that a command prints; empty if it prints none, or fails.
std::string word_of_command(const std::string& command);

/// The number that a program of `python3` prints. The program may hold neither double quotes, dollars nor backslashes.
double figure_of_python(const std::string& program, const std::string& arguments);

/// Whether there is a python3 in the path.
bool has_python();

}  // namespace bench
