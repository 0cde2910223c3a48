// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include <cstdint>

namespace cohort::os {

/// A counter that is a descriptor: it can be polled together with others, and is readable while it is not zero.
///
/// Thread safety: all members, also between processes that share it.
/// FORK: parent and child have the same counter.
/// DEATH: the count stays; what the dead had taken is gone.
class Eventfd {
public:
    /// @throws std::system_error
    explicit Eventfd(unsigned count = 0);

    /// The descriptor, for poll; owned by this object.
    int get() const noexcept { return descriptor_.get(); }

    /// Adds to the count. Async-signal-safe. At the greatest count (2^64 - 2) nothing happens: it is readable already.
    void add(std::uint64_t count = 1) const noexcept;

    /// Takes the whole count; 0 if there is none. Does not wait.
    std::uint64_t take() const;

    /// Waits until the count is not zero.
    /// @return false when the time is up
    bool wait(Timeout timeout) const;

private:
    Descriptor descriptor_;
};

}  // namespace cohort::os
