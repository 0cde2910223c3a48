// SPDX-License-Identifier: MIT
#pragma once

#include "report/summary.hpp"

#include <ostream>

namespace census {

/// Writes the summary as one JSON object, with an entry for each file if `files`. Names that are not UTF-8 lose
/// nothing: a byte that belongs to no UTF-8 character is written as the lone surrogate U+DC00 + byte, as Python's
/// `os.fsdecode` does; `os.fsencode` of the parsed text gives the name back.
void write_json(std::ostream& stream, const Summary& summary, bool files);

}  // namespace census
