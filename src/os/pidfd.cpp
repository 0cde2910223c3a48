// SPDX-License-Identifier: MIT
#include "os/pidfd.hpp"

#include "os/file.hpp"
#include "os/poll.hpp"
#include "os/system_call.hpp"

#include <sys/resource.h>
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

std::chrono::microseconds to_duration(const timeval& time) noexcept {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

ResourceUsage usage_of(const rusage& used) noexcept {
    constexpr std::size_t kKibibyte = 1024;
    return {.user_time = to_duration(used.ru_utime),
            .system_time = to_duration(used.ru_stime),
            .max_resident = static_cast<std::size_t>(used.ru_maxrss) * kKibibyte,
            .minor_faults = static_cast<std::size_t>(used.ru_minflt),
            .major_faults = static_cast<std::size_t>(used.ru_majflt),
            .voluntary_switches = static_cast<std::size_t>(used.ru_nvcsw),
            .involuntary_switches = static_cast<std::size_t>(used.ru_nivcsw)};
}

/// Empty if the child has not ended yet (with WNOHANG).
std::optional<ExitStatus> reap(idtype_t kind, id_t id, int options, const std::string& whom,
                               ResourceUsage* usage = nullptr) {
    siginfo_t info{};
    rusage used{};
    // The C library's waitid does not ask for the usage.
    checked("waitid", whom,
            [&] { return ::syscall(SYS_waitid, kind, id, &info, WEXITED | options, usage ? &used : nullptr); });
    if (info.si_pid == 0) return std::nullopt;
    if (usage) *usage = usage_of(used);
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

std::optional<ExitStatus> Pidfd::wait(Timeout timeout, ResourceUsage* usage) const {
    const auto id = static_cast<id_t>(get());
    if (timeout.is_forever()) return reap(kPidfdId, id, 0, descriptor_text(get()), usage);
    if (!timeout.polls() && !wait_readable(timeout)) return std::nullopt;
    return reap(kPidfdId, id, WNOHANG, descriptor_text(get()), usage);
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
