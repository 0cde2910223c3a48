// SPDX-License-Identifier: MIT
#pragma once

#include "facts/analysis.hpp"
#include "walk.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace census {

/// A file that could be read.
struct FileRecord {
    std::string path{};
    FileFacts facts{};
};

/// Sums over files.
struct Totals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
    std::uint64_t words = 0;

    void add(const FileFacts& file) noexcept;
};

/// The files whose names end alike.
struct Extension {
    std::string name{};  ///< with its dot; empty: names that have none
    Totals totals{};
};

/// An identifier and how often it occurs.
struct Identifier {
    std::string name{};
    std::uint64_t count = 0;
};

/// Files of equal content.
struct Duplicates {
    Sha256 sha256{};
    std::uint64_t bytes = 0;           ///< of each of them
    std::vector<std::string> paths{};  ///< at least two

    std::uint64_t spare_bytes() const noexcept { return bytes * (paths.size() - 1); }
};

/// All that a census says of a tree. It does not depend on how the work was shared out.
struct Summary {
    std::string directory{};
    std::vector<FileRecord> files{};  ///< in the order of the tree
    Totals totals{};
    std::vector<Extension> extensions{};    ///< most bytes first, then by name
    std::vector<Identifier> identifiers{};  ///< the most frequent ones, then by name
    std::vector<Duplicates> duplicates{};   ///< most spare bytes first, then by path
    std::vector<Problem> problems{};        ///< by path
    std::size_t skipped = 0;                ///< as in Tree
};

/// @param batches the facts of each of the tree's files, in any order of batches
/// @param identifiers how many of the most frequent identifiers are wanted
Summary summarise(const std::string& directory, Tree tree, const std::vector<BatchFacts>& batches,
                  std::size_t identifiers);

}  // namespace census
