// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace bench {

/// How large the bulk is: 100 MiB.
inline constexpr std::size_t kBulkBytes = std::size_t{100} << 20;

// Each gives the milliseconds in which the bulk goes to a child and comes back. All that came back is compared with
// what was sent, outside of that time; throws if it is wrong.

/// @param reused  whether memory that is freed stays with the process, or each bulk lies in new pages
double cohort_bulk(bool reused);
/// Parts of 256 KiB through bare rings: the child sends each back while the next ones come.
double pipelined_bulk();
/// The bulk lies in shared memory; each side copies it out and in: four copies.
double raw_array_bulk();
double mapping_bulk();

/// One copy of the bulk from memory to memory, both used before.
double memcpy_bulk();

}  // namespace bench
