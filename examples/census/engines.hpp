// SPDX-License-Identifier: MIT
#pragma once

#include "facts/analysis.hpp"
#include "options.hpp"
#include "walk.hpp"

#include <functional>

namespace census {

/// Analyses all files that the walk finds, with the workers that the options name.
/// @param take is given the results, which together cover each file once, in any order; by one thread at a time
void analyse_all(Walk& walk, const Options& options, const std::function<void(BatchFacts)>& take);

}  // namespace census
