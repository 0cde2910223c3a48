// SPDX-License-Identifier: MIT
#pragma once

#include "facts/identifier_counter.hpp"
#include "report/summary.hpp"

#include <cstddef>
#include <vector>

namespace census {

/// The most frequent identifiers of all batches together, with their exact counts.
std::vector<Identifier> top_identifiers(const std::vector<IdentifierCounts>& batches, std::size_t wanted);

/// The counts of all batches together, each name once.
IdentifierCounts merged(const std::vector<IdentifierCounts>& batches);

}  // namespace census
