// SPDX-License-Identifier: MIT
#include "process/child_handle.hpp"

#include <cohort/base/errors.hpp>

#include "os/poll.hpp"
#include "os/unix_socket.hpp"
#include "process/forkserver_protocol.hpp"
#include "process/keeper.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace cohort::process {

ChildHandle::ChildHandle(pid_t pid, os::Pidfd pidfd, std::shared_ptr<Keeper> keeper)
    : pid_(pid), pidfd_(std::move(pidfd)), keeper_(std::move(keeper)) {}

ChildHandle::ChildHandle(pid_t pid, os::Pidfd pidfd, Descriptor status)
    : pid_(pid), pidfd_(std::move(pidfd)), relay_(std::move(status)) {}

int ChildHandle::sentinel() const noexcept {
    return relay_ ? relay_.get() : pidfd_.get();
}

bool ChildHandle::wait(Timeout timeout) {
    {
        std::lock_guard guard(mutex_);
        if (status_ || reaped_elsewhere_) return true;
    }
    // The kernel tells whether a child of our own has ended, without a look at the descriptor first.
    const bool must_look = relay_ || !timeout.polls();
    if (must_look && !os::wait_readable(sentinel(), Deadline(timeout))) return false;
    std::shared_ptr<Keeper> released;  // destroyed after the mutex is free: it may be the last, and wait
    std::lock_guard guard(mutex_);
    look();
    const bool ended = status_ || reaped_elsewhere_;
    if (!ended) return false;
    released = std::move(keeper_);
    // The forkserver may have died before the child.
    if (pidfd_ && pidfd_.alive())
        line_.forget();
    else
        line_.bury(status_.value_or(ExitStatus::exited(kUnknownExit)));
    return true;
}

std::optional<ExitStatus> ChildHandle::status() {
    if (!wait(std::chrono::seconds(0))) return std::nullopt;
    std::lock_guard guard(mutex_);
    if (reaped_elsewhere_)
        throw Error(
            "process " + std::to_string(pid_) +
            " has ended, but another part of the program has reaped it (a wait of its own, or SIGCHLD ignored): "
            "its exit code is not known");
    return status_;
}

void ChildHandle::look() {
    if (status_ || reaped_elsewhere_) return;
    if (relay_) {
        status_ = read_relayed_status();
        return;
    }
    try {
        status_ = pidfd_.wait(std::chrono::seconds(0));
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_child_process) throw;
        reaped_elsewhere_ = true;
    }
}

ExitStatus ChildHandle::read_relayed_status() {
    ForkReport report{};
    // Only looked at, and left there: the sentinel stays readable.
    const auto received = os::receive_message(relay_.get(), std::as_writable_bytes(std::span(&report, 1)), MSG_PEEK);
    if (received.size != sizeof(report)) return ExitStatus::exited(kUnknownExit);
    return report.value < 0 ? ExitStatus::signaled(-report.value) : ExitStatus::exited(report.value);
}

void ChildHandle::signal(int number) {
    std::lock_guard guard(mutex_);
    if (!status_ && !reaped_elsewhere_ && pidfd_) pidfd_.send_signal(number);
}

void ChildHandle::change_keeper(const std::shared_ptr<Keeper>& keeper) {
    std::lock_guard guard(mutex_);
    if (!keeper_) return;
    keeper->keep(pidfd_);
    keeper_ = keeper;
}

void ChildHandle::keep_line(shm::ChildLine line) noexcept {
    std::lock_guard guard(mutex_);
    line_ = std::move(line);
}

void ChildHandle::abandon() noexcept {
    line_.forget();
    pidfd_ = {};
    relay_.reset();
}

}  // namespace cohort::process
