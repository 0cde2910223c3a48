// SPDX-License-Identifier: MIT
#pragma once

#include "report/summary.hpp"

#include <cstddef>
#include <ostream>

namespace census {

/// Writes the summary as tables for people: at most `rows` rows each, and how many were left out.
void write_tables(std::ostream& out, const Summary& summary, std::size_t rows);

}  // namespace census
