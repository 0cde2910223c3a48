// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

namespace bench {

/// On which cores the two ends run.
enum class Place { same_core, two_cores };

/// What is sent there and back, how often.
struct Trips {
    Place place = Place::same_core;
    std::size_t bytes = 64;
    int count = 1;
};

// Each gives the microseconds of one message there and back between this process and a child of it that sends back what
// it receives. The content is compared; throws if it is wrong.
double cohort_values(const Trips& trips);
double cohort_bytes(const Trips& trips);
double bare_packets(const Trips& trips);
double bare_stream(const Trips& trips);
double python_bytes(const Trips& trips);

/// Moves the calling process to its core.
void pin(Place place, bool is_child);

/// Throws unless what came back is what was sent.
void expect_same(bool same);

}  // namespace bench
