// SPDX-License-Identifier: MIT
#pragma once

#include "os/shared_name.hpp"

#include <climits>
#include <cstdint>
#include <string>

namespace cohort::process {

/// What a tracker is told, through the pipe of its tree: of one size, and short enough to be written whole.
struct NameMessage {
    enum Kind : std::uint32_t { added, removed };
    Kind kind;
    std::uint32_t name_bytes;
    os::FileIdentity file;
    char name[NAME_MAX + 1];
};

/// Starts the tracker of a tree and returns when it runs. It is nobody's child.
/// @param reading_end  the pipe's, which the tracker keeps; the caller's stays its own
/// @throws std::system_error naming the step, Error
void start_name_tracker(int reading_end);

}  // namespace cohort::process
