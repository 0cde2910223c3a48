// SPDX-License-Identifier: MIT
#include "os/pidfd.hpp"

#include "os/file.hpp"
#include "os/poll.hpp"
#include "os/system_call.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <system_error>

namespace cohort::os {

namespace {

constexpr idtype_t kPidfdId = static_cast<idtype_t>(3);  // P_PIDFD; glibc 2.36 has it, older ones do not

ExitStatus status_of(const siginfo_t& info) noexcept {
    if (info.si_code == CLD_EXITED) return ExitStatus::exited(info.si_status);
    return ExitStatus::signaled(info.si_status, info.si_code == CLD_DUMPED);
}

/// Empty if the child has not ended yet (with WNOHANG).
std::optional<ExitStatus> reap(idtype_t kind, id_t id, int options, const std::string& whom) {
    siginfo_t info{};
    checked("waitid", whom, [&] { return ::waitid(kind, id, &info, WEXITED | options); });
    if (info.si_pid == 0) return std::nullopt;
    return status_of(info);
}

}  // namespace

Pidfd Pidfd::open(pid_t pid) {
    auto number = checked("pidfd_open", "of process " + std::to_string(pid),
                          [&] { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); });
    return Pidfd(above_standard_streams(Descriptor(number)));
}

bool Pidfd::send_signal(int signal) const {
    auto result =
        uninterrupted("pidfd_send_signal", [&] { return ::syscall(SYS_pidfd_send_signal, get(), signal, nullptr, 0); });
    if (result == 0) return true;
    if (errno == ESRCH) return false;
    throw_error(errno, "pidfd_send_signal", "of signal " + std::to_string(signal));
}

std::optional<ExitStatus> Pidfd::wait(Timeout timeout) const {
    const auto id = static_cast<id_t>(get());
    if (timeout.is_forever()) return reap(kPidfdId, id, 0, descriptor_text(get()));
    if (!timeout.polls() && !wait_readable(timeout)) return std::nullopt;
    return reap(kPidfdId, id, WNOHANG, descriptor_text(get()));
}

void Pidfd::wait_and_reap() const {
    wait_readable(forever);
    try {
        wait(std::chrono::seconds(0));
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_child_process) throw;
    }
}

bool Pidfd::wait_readable(Timeout timeout) const {
    return os::wait_readable(get(), Deadline(timeout));
}

bool Pidfd::alive() const {
    return !wait_readable(std::chrono::seconds(0));
}

std::optional<ExitStatus> wait_for_child(pid_t pid) {
    try {
        return reap(P_PID, static_cast<id_t>(pid), 0, "of process " + std::to_string(pid));
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_child_process) throw;
        return std::nullopt;
    }
}

}  // namespace cohort::os
