// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace cohort::os {

/// Tells a file from every other one, whatever its name is.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

}  // namespace cohort::os
