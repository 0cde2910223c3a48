// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace cohort::test {

/// Whether tests repeat as often as they ever do: in `make check-all` (COHORT_TEST_COUNTS=full in the environment).
inline bool full_counts() {
    const char* counts = std::getenv("COHORT_TEST_COUNTS");
    return counts && std::string_view(counts) == "full";
}

/// How often a test repeats something: `full` times in `make check-all`, a tenth of that elsewhere. Tests that are long
/// even so carry the label "long": `make test` leaves them out, `make check` runs them.
inline std::size_t repetitions(std::size_t full) {
    return full_counts() ? full : std::max<std::size_t>(full / 10, 1);
}

}  // namespace cohort::test
