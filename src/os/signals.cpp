// SPDX-License-Identifier: MIT
#include "os/signals.hpp"

#include "os/system_call.hpp"

#include <pthread.h>
#include <sys/prctl.h>

#include <cstring>

namespace cohort::os {

std::string signal_name(int signal) {
    if (const char* name = ::sigabbrev_np(signal)) return std::string("SIG") + name;
    if (signal == SIGRTMIN) return "SIGRTMIN";
    if (signal > SIGRTMIN && signal <= SIGRTMAX) return "SIGRTMIN+" + std::to_string(signal - SIGRTMIN);
    return "signal " + std::to_string(signal);
}

SignalSet::SignalSet(std::initializer_list<int> signals) noexcept {
    sigemptyset(&set_);
    for (int signal : signals) sigaddset(&set_, signal);
}

SignalSet SignalSet::all() noexcept {
    SignalSet signals;
    sigfillset(&signals.set_);
    return signals;
}

bool SignalSet::contains(int signal) const noexcept {
    return sigismember(&set_, signal) == 1;
}

namespace {

/// As a system call: pthread_sigmask returns its error.
int set_mask(int how, const sigset_t& signals, sigset_t* before) noexcept {
    int error = ::pthread_sigmask(how, &signals, before);
    if (error) errno = error;
    return error ? -1 : 0;
}

}  // namespace

SignalBlock::SignalBlock(const SignalSet& signals) {
    checked("rt_sigprocmask", {}, [&] { return set_mask(SIG_BLOCK, signals.get(), &before_); });
}

SignalBlock::~SignalBlock() {
    if (kept_) return;
    system_call("rt_sigprocmask", [&] { return set_mask(SIG_SETMASK, before_, nullptr); });
}

SignalHandler::SignalHandler(int signal, Function handler, int flags) : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    checked("rt_sigaction", signal_name(signal), [&] { return ::sigaction(signal, &action, &before_); });
}

SignalHandler::~SignalHandler() {
    system_call("rt_sigaction", [&] { return ::sigaction(signal_, &before_, nullptr); });
}

[[gnu::hot]] void set_signal_action(int signal, SignalHandler::Function handler) noexcept {
    struct sigaction action {};
    action.sa_handler = handler;
    system_call("rt_sigaction", [&] { return ::sigaction(signal, &action, nullptr); });
}

void reset_signals() noexcept {
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
            set_signal_action(signal, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    set_mask(SIG_SETMASK, none, nullptr);
}

SignalHandler::Function signal_action(int signal) {
    struct sigaction action {};
    checked("rt_sigaction", signal_name(signal), [&] { return ::sigaction(signal, nullptr, &action); });
    return action.sa_handler;
}

bool send_signal(pid_t pid, int signal) {
    if (uninterrupted("kill", [&] { return ::kill(pid, signal); }) == 0) return true;
    if (errno == ESRCH) return false;
    throw_error(errno, "kill", "of process " + std::to_string(pid) + " with " + signal_name(signal));
}

bool send_signal_to_group(pid_t group, int signal) {
    if (uninterrupted("kill", [&] { return ::kill(-group, signal); }) == 0) return true;
    if (errno == ESRCH) return false;
    throw_error(errno, "kill", "of process group " + std::to_string(group) + " with " + signal_name(signal));
}

void set_parent_death_signal(int signal) {
    checked("prctl(PR_SET_PDEATHSIG)", {}, [&] { return ::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); });
}

}  // namespace cohort::os
