// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include "os/pidfd.hpp"
#include "process/child_handle.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace cohort::process {

/// The owner's side of a forkserver: a fresh, single-threaded image of this program that forks children on request.
///
/// Requests go over one socket pair that nobody else has; each child reports its pid and its end over a pair of its
/// own. The server ends with its owner, and its children end with it.
///
/// Thread safety: safe.
/// FORK: a forked child must not use the server; abandon() closes its copies of the descriptors.
/// DEATH: a server that was killed is replaced at the next request; the exit codes of its children, which die with it,
/// are unknown (255).
class Forkserver {
public:
    /// @param preload  run in the server before its first child; may be null
    explicit Forkserver(void (*preload)());
    ~Forkserver();
    Forkserver(const Forkserver&) = delete;
    Forkserver& operator=(const Forkserver&) = delete;

    /// Starts a child that runs `message`, as the entry of a fresh image would.
    /// @param descriptors  what the message brings; at most 251
    /// @returns null when the server is dead
    std::shared_ptr<ChildHandle> launch(std::span<const std::byte> message, std::span<const int> descriptors);

    pid_t pid() const noexcept { return pid_; }

    /// In a forked child: closes the inherited descriptors, and no more.
    void abandon() noexcept;

private:
    pid_t pid_ = 0;
    os::Pidfd process_;
    Descriptor socket_;
};

/// Ends this process's forkserver, if it has one, and waits for its end.
void stop_forkserver();

/// The pid of this process's forkserver; empty when it has none.
std::optional<pid_t> forkserver_pid();

}  // namespace cohort::process
