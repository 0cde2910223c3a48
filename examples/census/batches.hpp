// SPDX-License-Identifier: MIT
#pragma once

#include "facts/analysis.hpp"
#include "walk.hpp"

#include <cstddef>
#include <vector>

namespace census {

/// Cuts the files into batches that cost about the same, enough of them to keep `workers` busy to the end. A file stays
/// whole: one that is larger than the others' batches has its own. The dearest batch comes first, so that none of them
/// is begun last.
/// @param workers how many processes or threads will share the work, at least 1
std::vector<Batch> make_batches(const std::vector<FoundFile>& files, std::size_t workers);

}  // namespace census
