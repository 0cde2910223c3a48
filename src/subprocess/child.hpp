// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/exit_status.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/os/resource_usage.hpp>

#include "os/exec.hpp"

#include <mutex>
#include <optional>

namespace cohort::subprocess {

/// A program that was started: its end is taken from the kernel once, and nothing is sent to it afterwards.
///
/// Thread safety: all members.
/// FORK: the child may look and send signals, but not wait: the program is its sibling.
class Child {
public:
    /// @param leads_group  signals go to its process group
    Child(os::Started started, bool leads_group) noexcept;

    pid_t pid() const noexcept { return started_.pid; }
    /// A descriptor that is readable when it has ended; owned by this object.
    int sentinel() const noexcept { return started_.process.get(); }
    /// Whether the calling process has started it, rather than the one it was forked from.
    bool is_ours() const noexcept;

    /// Waits for its end.
    /// @returns false when the time is up
    /// @throws Error  another part of the program has reaped it
    bool wait(const Deadline& deadline);

    /// Both empty until wait() has returned true.
    std::optional<ExitStatus> status() const;
    std::optional<ResourceUsage> usage() const;

    /// Does nothing after its end.
    void send_signal(int signal);

private:
    /// Not in a forked child: a thread that is not there may have had it locked.
    std::unique_lock<std::mutex> lock() const;
    void reap();

    const os::Started started_;
    const pid_t owner_;
    const bool leads_group_;
    mutable std::mutex mutex_;  ///< for what follows, and so that the number is not another process's meanwhile
    std::optional<ExitStatus> status_{};
    ResourceUsage usage_{};
    bool reaped_elsewhere_ = false;
};

}  // namespace cohort::subprocess
