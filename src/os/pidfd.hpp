// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/exit_status.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>
#include <cohort/os/resource_usage.hpp>

#include <sys/types.h>

#include <optional>

namespace cohort::os {

/// A handle to a process that never means another one, even when the number is used again.
///
/// Thread safety: all const members; of two threads that wait for the same end, one gets the status.
/// FORK: the child may look and send signals, but not wait: the process is its sibling.
/// DEATH: the descriptor is readable from the moment the process has ended, reaped or not.
class Pidfd {
public:
    /// Stands for no process.
    Pidfd() noexcept = default;

    /// Takes the ownership of a descriptor made by pidfd_open or clone(CLONE_PIDFD).
    explicit Pidfd(Descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}

    /// A handle to the process that has this number now.
    /// @throws std::system_error naming pidfd_open; also where a kernel or a filter does not allow it
    static Pidfd open(pid_t pid);

    /// The descriptor, for poll; owned by this object.
    int get() const noexcept { return descriptor_.get(); }
    explicit operator bool() const noexcept { return static_cast<bool>(descriptor_); }

    /// Gives the descriptor to the caller.
    Descriptor release() noexcept { return std::move(descriptor_); }

    /// Sends a signal.
    /// @return false if the process has ended
    /// @throws std::system_error if the signal is not allowed or does not exist
    bool send_signal(int signal) const;

    /// Waits for the end of a child of this process and reaps it. A child can be reaped once.
    /// @param usage when not null, gets what the child has used, if it has ended
    /// @return how it ended; empty when the time is up
    /// @throws std::system_error with ECHILD if somebody else has reaped it, or it is no child of this process
    std::optional<ExitStatus> wait(Timeout timeout, ResourceUsage* usage = nullptr) const;

    /// Waits for the end of any process, and does not reap it.
    /// @return false when the time is up
    bool wait_readable(Timeout timeout) const;

    /// Waits for the end of a child and reaps it, if nobody else does: with SIGCHLD ignored the kernel does.
    void wait_and_reap() const;

    /// Whether the process runs: false from its end on, reaped or not.
    bool alive() const;

private:
    Descriptor descriptor_;
};

/// Waits for the end of the child with this number and reaps it: where there is no handle. Empty if somebody else has
/// reaped it.
std::optional<ExitStatus> wait_for_child(pid_t pid);

}  // namespace cohort::os
