// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <string>

namespace cohort::process {

/// What to tell people of an exception that nobody catches: its type, its text, and those nested in it.
std::string describe_error(const std::exception_ptr& error);

}  // namespace cohort::process
