// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/exit_status.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include "os/pidfd.hpp"
#include "shm/tree.hpp"

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>

namespace cohort::process {

class Keeper;

/// A child that was started: waits for it, signals it, and keeps its exit status.
///
/// The status of a child of our own comes from the kernel. That of a child of the forkserver comes over a socket of
/// its own; if the server died before it could tell, the status is unknown.
///
/// Thread safety: safe.
/// Invariant: once the end is known nothing changes, and no signal is sent any more.
class ChildHandle {
public:
    /// The exit code of a child whose status nobody can tell any more.
    static constexpr int kUnknownExit = 255;

    /// A child of this process.
    /// @param keeper  who kills it when this process dies; null: it sees to that itself
    ChildHandle(pid_t pid, os::Pidfd pidfd, std::shared_ptr<Keeper> keeper);
    /// A child of a forkserver that reports its end over `status`.
    ChildHandle(pid_t pid, os::Pidfd pidfd, Descriptor status);
    /// A child whose end is not known goes on, with all that it has.
    ~ChildHandle() { line_.forget(); }

    pid_t pid() const noexcept { return pid_; }
    int sentinel() const noexcept;

    /// Waits for the end.
    /// @returns whether the child has ended
    bool wait(Timeout timeout);

    /// How it ended; empty while it runs.
    /// @throws Error  another part of the program has reaped the child: its status is gone
    std::optional<ExitStatus> status();

    /// Sends a signal, unless the child has ended.
    void signal(int number);

    /// Enrolls the child with another keeper, if it has one and runs.
    void change_keeper(const std::shared_ptr<Keeper>& keeper);

    /// In a forked child, whose sibling this is: closes the inherited descriptors, and no more.
    void abandon() noexcept;

    /// Takes over the child's line in the roster of the tree, to tell its end there.
    void keep_line(shm::ChildLine line) noexcept;

private:
    void look();
    ExitStatus read_relayed_status();

    const pid_t pid_;
    os::Pidfd pidfd_;
    Descriptor relay_;
    std::shared_ptr<Keeper> keeper_;  ///< null from the end on
    std::mutex mutex_;
    std::optional<ExitStatus> status_;
    bool reaped_elsewhere_ = false;
    shm::ChildLine line_;
};

}  // namespace cohort::process
