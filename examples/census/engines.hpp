// SPDX-License-Identifier: MIT
#pragma once

#include "facts/analysis.hpp"
#include "options.hpp"
#include "walk.hpp"

#include <vector>

namespace census {

/// Analyses all files, with the workers that the options name. The results, together, cover each file once.
std::vector<BatchFacts> analyse_all(const std::vector<FoundFile>& files, const Options& options);

}  // namespace census
