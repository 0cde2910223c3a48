// SPDX-License-Identifier: MIT
#include "process/parent_watch.hpp"

#include "os/process_identity.hpp"

#include <system_error>
#include <utility>

namespace cohort::process {

os::Pidfd open_parent(pid_t pid) {
    if (os::parent_pid() != pid) return {};
    try {
        auto pidfd = os::Pidfd::open(pid);
        // Still the parent after the open: so the descriptor is the parent's, and not that of a later process of its
        // number.
        if (os::parent_pid() == pid) return pidfd;
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_process) throw;
    }
    return {};
}

ParentWatch::ParentWatch(os::Pidfd parent) : parent_(std::move(parent)) {}

std::shared_ptr<const ParentWatch> ParentWatch::of_kernel_parent(pid_t pid) {
    return std::make_shared<const ParentWatch>(open_parent(pid));
}

bool ParentWatch::wait(Timeout timeout) const {
    return !parent_ || parent_.wait_readable(timeout);
}

}  // namespace cohort::process
