// SPDX-License-Identifier: MIT
#pragma once

#include "facts/analysis.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace census {

/// A file's place in the order of the walk.
using FileNumber = std::uint32_t;

/// The files of a tree and what is known of each, for very many of them: a file takes its name, four bytes and its
/// facts.
class Catalogue {
public:
    /// Files that are added from now on stand in this folder.
    /// @param prefix its path, with a slash at the end
    void enter(std::string prefix);
    /// Adds a file of the folder, of which nothing is known yet.
    FileNumber add(std::string_view name);

    std::size_t size() const noexcept { return facts_.size(); }
    std::string path(FileNumber file) const;
    FileFacts& facts(FileNumber file) noexcept { return facts_[file]; }
    const FileFacts& facts(FileNumber file) const noexcept { return facts_[file]; }

private:
    struct Folder {
        std::string prefix{};
        std::string names{};  // of all its files, one after the other
        FileNumber first = 0;
    };

    std::vector<Folder> folders_;     // those that have files, and the last one
    std::deque<std::uint32_t> ends_;  // where a file's name ends in its folder's names
    std::deque<FileFacts> facts_;
};

}  // namespace census
