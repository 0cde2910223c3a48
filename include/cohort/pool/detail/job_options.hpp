// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/retry_if.hpp>

#include <cstddef>

namespace cohort::detail {

/// What the pool itself needs to know of the options of a call, whichever options these are.
struct JobOptions {
    std::size_t chunksize = 0;
    std::size_t retries = 0;
    Timeout timeout = forever;
    int priority = 0;
    RetryIf retry_if{};
    bool tells_start = false;  ///< the caller wants to know when a worker begins with it

    bool are_default() const noexcept {
        return chunksize == 0 && retries == 0 && timeout.is_forever() && priority == 0 && !retry_if && !tells_start;
    }
};

/// @param options  TaskOptions, MapOptions, MapAsyncOptions or ImapOptions
template <class Options>
JobOptions job_options(const Options& options) {
    JobOptions job{.retries = options.retries,
                   .timeout = options.timeout,
                   .priority = options.priority,
                   .retry_if = options.retry_if};
    if constexpr (requires { options.chunksize; }) job.chunksize = options.chunksize;
    if constexpr (requires { options.on_start; }) job.tells_start = options.on_start != nullptr;
    return job;
}

}  // namespace cohort::detail
