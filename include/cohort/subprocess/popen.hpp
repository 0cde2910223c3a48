// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/os/resource_usage.hpp>
#include <cohort/subprocess/errors.hpp>
#include <cohort/subprocess/options.hpp>
#include <cohort/subprocess/stream.hpp>

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cohort::subprocess {

/// A program that was started, and runs beside this one (Python's subprocess.Popen).
///
/// Thread safety: any threads may ask, wait and send signals at once; each stream and communicate() are for one thread
/// at a time. FORK: the child may ask and send signals, but not wait, and its copy does nothing when it is destroyed.
/// DEATH: of this process: the program goes on, unless `.death_signal` was given.
/// All members throw ValueError when it was moved from.
class COHORT_API Popen {
public:
    /// Starts a program, which is searched for in the PATH of its environment if it has no `/`. It costs the same
    /// whatever the size of this process. The program gets the standard streams and `pass_fds`, no other descriptor.
    /// @param args the program and its arguments
    /// @throws ValueError         no arguments, a NUL in a text, options that contradict each other
    /// @throws std::system_error  it could not be started: the step, and the path of what it failed for (`execve
    /// 'none':
    ///                            No such file or directory`). Nothing is left
    explicit Popen(std::vector<std::string> args, PopenOptions options = {});

    /// Closes the streams and waits until the program has ended, as the end of Python's `with` does.
    ~Popen();
    Popen(Popen&& other) noexcept;
    Popen& operator=(Popen&& other) noexcept;

    /// The program and its arguments.
    const std::vector<std::string>& args() const;
    /// Its process number; another process may have it when it has ended and was waited for.
    pid_t pid() const;
    /// Its exit status, -N if signal N ended it; empty until poll(), wait() or communicate() have seen the end.
    std::optional<int> returncode() const;
    /// Its standard input.
    /// @throws ValueError  that is no pipe
    StreamWriter& in();
    /// Its standard output.
    /// @throws ValueError  that is no pipe
    StreamReader& out();
    /// Its standard error.
    /// @throws ValueError  that is no pipe
    StreamReader& err();

    /// Its exit status if it has ended.
    /// @throws Error  another part of the program has reaped it (a wait of its own, or SIGCHLD ignored)
    std::optional<int> poll();

    /// Waits for its end. A program that writes more into a pipe than that holds does not end before somebody reads:
    /// communicate() does.
    /// @returns its exit status
    /// @throws TimeoutExpired  the time is up; the program goes on
    /// @throws Error           as poll()
    int wait(Timeout timeout = forever);

    /// Writes the input and closes it, collects what comes from the pipes until their end, and waits for the end of the
    /// program. However much goes in whichever direction, neither side waits for the other; an input that the program
    /// does not read to its end is no error.
    /// @param input what it reads from its standard input
    /// @returns what came from standard output and standard error
    /// @throws TimeoutExpired  the time is up: the program goes on, and nothing is lost; the next call, without input,
    ///                         continues and returns all
    /// @throws ValueError      input for a program whose standard input is no pipe, or a second time
    std::pair<std::string, std::string> communicate(std::string input = {}, Timeout timeout = forever);

    /// Sends it a signal, or its whole group with `.kill_group`. Nothing happens when it has ended: no other process is
    /// hit, even if it has the number now.
    /// @throws std::system_error  there is no such signal (EINVAL), it is not allowed (EPERM)
    void send_signal(int signal);
    /// Sends SIGTERM.
    void terminate();
    /// Sends SIGKILL.
    void kill();

    /// A descriptor that is readable when the program has ended, for `cohort::wait` and `poll`; it stays this object's.
    int sentinel() const;

    /// What it has used; empty until poll(), wait() or communicate() have seen the end.
    std::optional<ResourceUsage> usage() const;

private:
    class State;
    State& state() const;

    std::unique_ptr<State> state_;  ///< none: moved from
};

}  // namespace cohort::subprocess
