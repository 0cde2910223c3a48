// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/subprocess/account.hpp>
#include <cohort/subprocess/environment.hpp>
#include <cohort/subprocess/target.hpp>

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::subprocess {

/// Called with each line that a program writes, without its newline; the last one may have had none.
using LineFunction = std::function<void(std::string_view)>;

/// A limit on what a program may use, as setrlimit() sets it.
struct ResourceLimit {
    int resource = 0;                     ///< RLIMIT_CPU, RLIMIT_NOFILE, …
    std::optional<std::uint64_t> soft{};  ///< what holds; empty: `hard`, or no limit
    std::optional<std::uint64_t> hard{};  ///< up to which the program may raise it; empty: `soft`
};

/// How a Popen starts its program.
struct PopenOptions {
    Target in{};                  ///< its standard input
    Target out{};                 ///< its standard output
    Target err{};                 ///< its standard error; STDOUT: where its standard output leads
    std::filesystem::path cwd{};  ///< its working directory; empty: this process's
    Environment env{};            ///< its environment; names without a `/` are searched for in the PATH of this one
    bool shell = false;           ///< the first argument is a script for /bin/sh, the others are its `$0`, `$1`, …
    std::vector<int> pass_fds{};  ///< descriptors above 2 that it gets, under the same numbers
    /// It leads a process group of its own (unless `start_new_session` or `process_group` 0 say so already), and what
    /// is sent to it goes to the whole group: signals, and the end after a timeout of run().
    bool kill_group = false;
    std::filesystem::path executable{};  ///< what is executed instead of the first argument, or of /bin/sh
    bool close_fds = true;  ///< false: it also gets the descriptors that are not closed on exec; not with `pass_fds`
    bool start_new_session = false;                      ///< it calls setsid()
    std::optional<pid_t> process_group{};                ///< the process group that it joins; 0: one of its own
    std::optional<Account> user{};                       ///< who it runs as
    std::optional<Account> group{};                      ///< its group
    std::optional<std::vector<Account>> extra_groups{};  ///< its supplementary groups
    std::optional<mode_t> umask{};                       ///< its file mode creation mask
    std::size_t pipesize = 0;     ///< how many bytes its pipes hold; 0: as many as the kernel likes
    bool restore_signals = true;  ///< SIGPIPE and SIGXFSZ have their default action, though this process ignores them
    int death_signal = 0;         ///< the signal that it gets when this process ends, SIGKILL for example; 0: none
    std::vector<ResourceLimit> limits{};  ///< what it may use
    LineFunction on_out{};  ///< gets the lines of its standard output, in communicate(), which then collects none
    LineFunction on_err{};  ///< the same for its standard error
};

/// How run() starts a program, and what it does with it.
struct RunOptions {
    std::optional<std::string> input{};  ///< what it reads from its standard input, which is a pipe then
    bool capture_output = false;         ///< collects both outputs: `.out = PIPE, .err = PIPE`
    Target in{};                         ///< its standard input
    Target out{};                        ///< its standard output
    Target err{};                        ///< its standard error; STDOUT: where its standard output leads
    Timeout timeout = forever;           ///< afterwards it is killed, and TimeoutExpired thrown
    bool check = false;                  ///< a failure is thrown: CalledProcessError
    std::filesystem::path cwd{};         ///< its working directory; empty: this process's
    Environment env{};            ///< its environment; names without a `/` are searched for in the PATH of this one
    bool shell = false;           ///< the first argument is a script for /bin/sh, the others are its `$0`, `$1`, …
    std::vector<int> pass_fds{};  ///< descriptors above 2 that it gets, under the same numbers
    bool kill_group = false;      ///< a timeout ends its whole process group, see PopenOptions
    std::filesystem::path executable{};  ///< what is executed instead of the first argument, or of /bin/sh
    bool close_fds = true;  ///< false: it also gets the descriptors that are not closed on exec; not with `pass_fds`
    bool start_new_session = false;                      ///< it calls setsid()
    std::optional<pid_t> process_group{};                ///< the process group that it joins; 0: one of its own
    std::optional<Account> user{};                       ///< who it runs as
    std::optional<Account> group{};                      ///< its group
    std::optional<std::vector<Account>> extra_groups{};  ///< its supplementary groups
    std::optional<mode_t> umask{};                       ///< its file mode creation mask
    std::size_t pipesize = 0;     ///< how many bytes its pipes hold; 0: as many as the kernel likes
    bool restore_signals = true;  ///< SIGPIPE and SIGXFSZ have their default action, though this process ignores them
    int death_signal = 0;         ///< the signal that it gets when this process ends, SIGKILL for example; 0: none
    std::vector<ResourceLimit> limits{};  ///< what it may use
    LineFunction on_out{};                ///< gets the lines of its standard output, which are not collected then
    LineFunction on_err{};                ///< the same for its standard error
};

}  // namespace cohort::subprocess
