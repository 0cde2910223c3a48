// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "support/transport.hpp"

namespace bench {

/// Who sends and receives, and where.
struct Crowd {
    std::uint32_t producers = 1;
    std::uint32_t consumers = 1;
    bool pinned = false;  ///< producers on the first core, consumers on the second; else wherever the kernel likes
};

/// Moves messages from new producer processes to new consumer processes.
/// @param messages  how many in all
/// @returns messages a second
/// @throws std::runtime_error  not all arrived, or one was torn or came out of order
double run_stream(Transport& transport, const Crowd& crowd, std::uint64_t messages);

}  // namespace bench
