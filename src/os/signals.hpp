// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <initializer_list>
#include <string>

namespace cohort::os {

/// `SIGKILL` for 9; `SIGRTMIN+2`; `signal 99` for a number without a name.
std::string signal_name(int signal);

/// A set of signals.
class SignalSet {
public:
    SignalSet(std::initializer_list<int> signals) noexcept;
    static SignalSet all() noexcept;
    bool contains(int signal) const noexcept;
    const sigset_t& get() const noexcept { return set_; }

private:
    SignalSet() noexcept = default;
    sigset_t set_{};
};

/// Keeps signals from the calling thread as long as it lives; what arrived meanwhile comes at the end.
///
/// Thread safety: made and destroyed by the same thread.
class [[nodiscard]] SignalBlock {
public:
    explicit SignalBlock(const SignalSet& signals);
    ~SignalBlock();
    SignalBlock(const SignalBlock&) = delete;
    SignalBlock& operator=(const SignalBlock&) = delete;

    /// They stay away when this object is gone.
    void keep() noexcept { kept_ = true; }

private:
    sigset_t before_{};
    bool kept_ = false;
};

/// Handles a signal as long as it lives, then restores what was there.
///
/// Thread safety: the action belongs to the process; of several for one signal the last made is destroyed first.
class [[nodiscard]] SignalHandler {
public:
    using Function = void (*)(int);

    /// @param handler async-signal-safe, or SIG_IGN, SIG_DFL
    /// @param flags SA_RESTART, for example
    SignalHandler(int signal, Function handler, int flags = 0);
    ~SignalHandler();
    SignalHandler(const SignalHandler&) = delete;
    SignalHandler& operator=(const SignalHandler&) = delete;

    /// What was there before.
    const struct sigaction& before() const noexcept { return before_; }

private:
    int signal_;
    struct sigaction before_ {};
};

/// What a new program starts with, were it not inherited: no signal is blocked, none ignored.
void reset_signals() noexcept;

/// Sets what a signal does, for good. Safe between fork and exec.
void set_signal_action(int signal, SignalHandler::Function handler) noexcept;

/// What a signal does now: a handler, SIG_IGN or SIG_DFL.
SignalHandler::Function signal_action(int signal);

/// Sends a signal to a process. For processes that have no handle (Pidfd).
/// @return false if there is no such process
bool send_signal(pid_t pid, int signal);

/// Sends a signal to all processes of a group.
/// @return false if there is no such group
bool send_signal_to_group(pid_t group, int signal);

/// The signal that this process gets when the thread that started it ends; 0: none. Lost when it becomes another user.
void set_parent_death_signal(int signal);

}  // namespace cohort::os
