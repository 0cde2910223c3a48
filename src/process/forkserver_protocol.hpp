// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace cohort::process {

// What a forkserver and its owner say to each other. Both are the same image of the same program: the layouts need no
// version.

/// To the server, with the child's end of its status pair, for a long message a memfd that holds it, and then the
/// descriptors that the message brings.
struct ForkRequest {
    std::uint64_t message_bytes;
    std::uint32_t in_memfd;  ///< 0: the message follows in the same packet
    std::uint32_t reserved;
};

/// Messages up to this size travel in the request's own packet.
inline constexpr std::size_t kInlineBytes = std::size_t{16} * 1024;

/// From the server, over the status pair: first `started` with the child's pidfd, or `failed`; later `ended`.
struct ForkReport {
    enum Kind : std::uint32_t { started, failed, ended };
    Kind kind;
    std::int32_t value;  ///< the pid, the errno, or the exit code, -N for signal N
};

}  // namespace cohort::process
