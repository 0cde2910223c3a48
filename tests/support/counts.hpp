// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace cohort::test {

/// How often a test repeats something: `full` times in `make check-all` (COHORT_TEST_COUNTS=full in the environment),
/// a tenth of that elsewhere. Tests that are long even so carry the label "long": `make test` leaves them out,
/// `make check` runs them.
inline std::size_t repetitions(std::size_t full) {
    const char* counts = std::getenv("COHORT_TEST_COUNTS");
    if (counts && std::string_view(counts) == "full") return full;
    return std::max<std::size_t>(full / 10, 1);
}

}  // namespace cohort::test
