// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/channel/connection.hpp>

#include <utility>

namespace cohort {

/// The keyword arguments of Pipe(). Their order is API (designated initializers).
struct PipeOptions {
    bool duplex = true;  ///< both ends send and receive; otherwise the first receives and the second sends
};

/// Makes a pipe (multiprocessing.Pipe): two connections, each the other's other end.
/// @throws std::system_error  no descriptors are left
/// Thread safety: safe.
COHORT_API std::pair<Connection, Connection> Pipe(PipeOptions options = {});

}  // namespace cohort
