// SPDX-License-Identifier: MIT
#include "os/background.hpp"

#include "os/file.hpp"
#include "os/signals.hpp"
#include "os/system_call.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace cohort::os {

namespace {

constexpr int kFirst = STDERR_FILENO + 1;
constexpr int kSignals = 64;

void close_all_but(std::span<int> keep) noexcept {
    const int null = ::open("/dev/null", O_RDWR);
    for (int stream = 0; stream < kFirst; ++stream)
        if (null != stream) ::dup2(null, stream);
    std::sort(keep.begin(), keep.end());
    unsigned next = kFirst;
    for (const int kept : keep) {
        close_between(next, static_cast<unsigned>(kept) - 1);
        next = static_cast<unsigned>(kept) + 1;
    }
    close_between(next, ~0U);
}

void ignore_signals() noexcept {
    // Handlers are the former program's; what cannot be ignored, or tells of this process's own defects, stays.
    for (int signal = 1; signal <= kSignals; ++signal) set_signal_action(signal, SIG_DFL);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP, SIGCHLD})
        set_signal_action(signal, SIG_IGN);
}

}  // namespace

void continue_in_background(const char* name, std::span<int> keep) noexcept {
    // All of it before the copy is made: who waits for the end of this process finds the copy complete.
    ignore_signals();
    system_call("setsid", [] { return ::setsid(); });
    ::prctl(PR_SET_NAME, name);
    if (::chdir("/") != 0) {
        // It only keeps a file system from being unmounted.
    }
    close_all_but(keep);
    const pid_t copy = system_call("fork", [] { return ::fork(); });
    if (copy != 0) ::_exit(copy < 0 ? 1 : 0);
}

}  // namespace cohort::os
