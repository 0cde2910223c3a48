// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/retry_if.hpp>

#include <cstddef>

namespace cohort {

/// How an `imap` or `imap_unordered` goes about its items. The order of the members is API: they are set by designated
/// initializers.
struct ImapOptions {
    /// How many items go to a worker at once; at least 1.
    std::size_t chunksize = 1;
    /// As in MapOptions, zero or less is a ValueError too; looked at while a thread waits for the pool.
    Timeout timeout = forever;
    /// As in MapOptions.
    std::size_t retries = 0;
    /// How many items may be under way: read from the input, and their results not taken. 0: as many as keep the
    /// workers busy, a few at first and for long tasks, some thousand for tasks that have turned out to be tiny.
    std::size_t buffersize = 0;
    /// As in MapOptions.
    RetryIf retry_if{};
    /// As in MapOptions.
    int priority = 0;
};

}  // namespace cohort
