// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/channel/address.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace cohort::manager {

/// What a server is told.
struct ServerOptions {
    Address address{};                     ///< none: a new name in the abstract namespace
    std::optional<std::string> authkey{};  ///< none: no handshake
    bool allow_md5 = true;
    bool allow_unauthenticated = false;
    Timeout handshake_timeout = std::chrono::seconds(20);
    std::size_t most_handshakes = 512;  ///< at once; then the oldest is dropped
    std::size_t longest_message = std::size_t{1} << 30;
    std::size_t most_sharing = 256;  ///< clients of cohort on this machine that have shared memory, 132 KiB each
    std::chrono::nanoseconds loan_time = std::chrono::hours(1);  ///< for a proxy in a message to be received
    bool keeps_segments = false;                                 ///< whose names go with it: of a SharedMemoryManager
    int backlog = 4096;                                          ///< the kernel has a limit of its own
};

}  // namespace cohort::manager
