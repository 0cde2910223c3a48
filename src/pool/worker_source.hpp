// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owner.hpp"

#include <cstdint>

namespace cohort::pool {

/// Where workers come from: the nursery, or threads in tests. What becomes of a worker stands in its roster line.
///
/// Thread safety: one call at a time.
class WorkerSource {
public:
    virtual ~WorkerSource() = default;

    /// Asks for a worker; does not wait for it. If it cannot be started, its line is buried and Note::start_errno set.
    /// @param place  its result ring and arena
    /// @param owner  its line in the roster, reserved
    virtual void start(std::uint32_t place, shm::Owner owner) = 0;

    /// Asks for the end of a worker that has not ended: it runs too long, or another program.
    virtual void kill(shm::Owner owner) = 0;

    /// Whether workers can still come from here.
    virtual bool alive() = 0;
};

}  // namespace cohort::pool
