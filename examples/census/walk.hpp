// SPDX-License-Identifier: MIT
#pragma once

#include "facts/analysis.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace census {

/// A regular file as the walk saw it.
struct FoundFile {
    std::string path{};
    std::uint64_t size = 0;  ///< in bytes; what is read later may be more or less
};

/// What a walk found, in an order that depends on nothing but the names: the files of a folder by name, then its
/// folders by name.
struct Tree {
    std::vector<FoundFile> files{};
    std::vector<Problem> problems{};  ///< folders and files that could not be looked at
    std::size_t skipped = 0;          ///< symbolic links, which are not followed, and what is neither file nor folder
};

/// All regular files below `root`, which may itself be a symbolic link to a folder. Opens folders only.
/// Throws std::system_error when `root` is not a folder that can be read.
Tree walk(const std::string& root);

}  // namespace census
