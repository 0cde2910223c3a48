// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace cohort::os {

/// The number of the user with this name; empty if there is none.
/// @throws std::system_error naming getpwnam_r
std::optional<uid_t> user_number(const std::string& name);

/// The number of the group with this name; empty if there is none.
/// @throws std::system_error naming getgrnam_r
std::optional<gid_t> group_number(const std::string& name);

}  // namespace cohort::os
