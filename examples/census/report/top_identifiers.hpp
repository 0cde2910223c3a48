// SPDX-License-Identifier: MIT
#pragma once

#include "report/summary.hpp"

#include <cstddef>
#include <vector>

namespace census {

/// The most frequent identifiers of all batches together, with their exact counts.
std::vector<Identifier> top_identifiers(const std::vector<BatchFacts>& batches, std::size_t wanted);

}  // namespace census
