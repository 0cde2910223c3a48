// SPDX-License-Identifier: MIT
#pragma once

#include "catalogue.hpp"
#include "facts/analysis.hpp"
#include "report/summary.hpp"
#include "walk.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace census {

/// Reduces the batches' results to a summary while they come. It keeps the facts of each file, in the catalogue, and
/// identifiers: as they come as long as they are few, else merged, so that each name is there once.
class Reduction {
public:
    /// @param files must outlive this and its summary
    explicit Reduction(Catalogue& files) : files_(files) {}

    void add(BatchFacts batch);

    /// The summary, when all has been added.
    /// @param identifiers how many of the most frequent identifiers are wanted
    Summary finish(const std::string& directory, const Walk& walk, std::size_t identifiers) &&;

private:
    void add_file(FileNumber number, const FileFacts& facts);
    void keep(IdentifierCounts identifiers);
    std::vector<Extension> extensions() const;

    Catalogue& files_;
    std::map<std::string, Totals, std::less<>> extensions_;
    std::vector<IdentifierCounts> identifiers_;
    std::size_t names_ = 0;  // how many entries `identifiers_` have
    std::size_t merge_at_ = kMostNames;
    std::vector<Problem> problems_;

    static constexpr std::size_t kMostNames = 1'500'000;  // about 64 MB
};

}  // namespace census
