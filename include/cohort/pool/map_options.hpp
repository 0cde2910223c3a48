// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/retry_if.hpp>

#include <cstddef>
#include <string>

namespace cohort {

/// How a `map` or `starmap` goes about its items. The order of the members is API: they are set by designated
/// initializers.
struct MapOptions {
    /// How many items go to a worker at once; 0: as many as take it about a millisecond, by the time measured so far.
    std::size_t chunksize = 0;
    /// How long an item may run; beyond, its worker is ended, and the item fails with TimeoutError. Of threads, see
    /// ThreadPool. Zero or less is a ValueError.
    Timeout timeout = forever;
    /// How often an item is run again after a worker died while it ran it, or after an error that `.retry_if` chooses.
    std::size_t retries = 0;
    /// The label of a progress display on stderr: a bar if it is a terminal, else a line now and then. Empty: none.
    std::string progress{};
    /// Which errors are worth another run; empty: none.
    RetryIf retry_if{};
    /// Items of calls with a higher number are handed out first.
    int priority = 0;
};

}  // namespace cohort
