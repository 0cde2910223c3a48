// SPDX-License-Identifier: MIT
#pragma once

#include "catalogue.hpp"
#include "facts/analysis.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace census {

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
    std::span<const FileNumber> files{};  ///< at least two, in the order of the tree
    std::uint64_t bytes = 0;              ///< of each of them

    std::uint64_t spare_bytes() const noexcept { return bytes * (files.size() - 1); }
};

/// All that a census says of a tree. It does not depend on how the work was shared out.
struct Summary {
    std::string directory{};
    const Catalogue& files;  ///< those that could not be read too
    Totals totals{};
    std::vector<Extension> extensions{};    ///< most bytes first, then by name
    std::vector<Identifier> identifiers{};  ///< the most frequent ones, then by name
    std::vector<FileNumber> by_content{};   ///< all that could be read; duplicates are parts of it
    std::vector<Duplicates> duplicates{};   ///< most spare bytes first, then by path
    std::vector<Problem> problems{};        ///< by path
    std::size_t skipped = 0;                ///< as in Walk
};

}  // namespace census
