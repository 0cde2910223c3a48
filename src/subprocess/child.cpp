// SPDX-License-Identifier: MIT
#include "subprocess/child.hpp"

#include <cohort/base/errors.hpp>

#include "os/poll.hpp"
#include "os/process_identity.hpp"
#include "os/signals.hpp"

#include <string>
#include <system_error>
#include <utility>

namespace cohort::subprocess {

Child::Child(os::Started started, bool leads_group) noexcept
    : started_(std::move(started)), owner_(os::current_pid()), leads_group_(leads_group) {}

bool Child::is_ours() const noexcept {
    return owner_ == os::current_pid();
}

std::unique_lock<std::mutex> Child::lock() const {
    return is_ours() ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
}

bool Child::wait(const Deadline& deadline) {
    // Not in waitid: it would take the end before the mutex is locked.
    if (!os::wait_readable(sentinel(), deadline)) return false;
    const auto guard = lock();
    reap();
    if (reaped_elsewhere_)
        throw Error(
            "process " + std::to_string(pid()) +
            " has ended, but another part of the program has reaped it (a wait of its own, or SIGCHLD ignored): "
            "its exit status is not known");
    return true;
}

void Child::reap() {
    if (status_ || reaped_elsewhere_) return;
    try {
        status_ = started_.process.wait(std::chrono::seconds(0), &usage_);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_child_process) throw;
        reaped_elsewhere_ = true;
    }
}

std::optional<ExitStatus> Child::status() const {
    const auto guard = lock();
    return status_;
}

std::optional<ResourceUsage> Child::usage() const {
    const auto guard = lock();
    return status_ ? std::optional(usage_) : std::nullopt;
}

void Child::send_signal(int signal) {
    const auto guard = lock();
    if (status_ || reaped_elsewhere_) return;
    // A process that was forked from this one does not know whether the leader is reaped.
    if (leads_group_ && !is_ours() && !started_.process.send_signal(0)) return;
    if (leads_group_)
        os::send_signal_to_group(pid(), signal);
    else
        started_.process.send_signal(signal);
}

}  // namespace cohort::subprocess
