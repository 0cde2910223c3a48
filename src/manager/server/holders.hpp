// SPDX-License-Identifier: MIT
#pragma once

#include "manager/object_table.hpp"
#include "os/epoll.hpp"
#include "os/pidfd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <unordered_map>

namespace cohort::manager {

/// The processes of this machine that hold references, watched for their end.
///
/// Thread safety: none. DEATH: a process that was killed is seen by its descriptor.
class Holders {
public:
    /// @param set  gets the processes' descriptors, with keys from `first_key` on
    Holders(const os::Epoll& set, std::uint64_t first_key) noexcept : set_(set), first_key_(first_key) {}

    /// The holder that a process is; a new one that watches() does not know if the process has ended already.
    /// @returns 0 for this process, and where there can be no watch: it counts for nobody then
    HolderId of(pid_t pid) noexcept;
    /// Whether the end of a holder is still to come.
    bool watches(HolderId holder) const noexcept { return holder == 0 || pids_.contains(holder); }
    /// Takes the end of a process. @returns the holder that it was, or 0 if the key is none's
    HolderId take_end(std::uint64_t key) noexcept;

private:
    struct Process {
        HolderId holder;
        os::Pidfd handle;
    };

    const os::Epoll& set_;
    const HolderId first_key_;
    std::unordered_map<pid_t, Process> processes_;
    std::unordered_map<HolderId, pid_t> pids_;
};

}  // namespace cohort::manager
