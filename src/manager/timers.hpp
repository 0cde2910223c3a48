// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include <cstdint>
#include <functional>

namespace cohort::manager {

/// Calls back later, from the thread of the server.
class Timers {
public:
    using Id = std::uint64_t;

    virtual ~Timers() = default;
    /// @returns what cancel() takes; never 0
    virtual Id call_at(Deadline::Clock::time_point when, std::function<void()> callback) = 0;
    /// A callback that has been called already, or cancelled, or 0: nothing happens.
    virtual void cancel(Id id) noexcept = 0;
};

}  // namespace cohort::manager
