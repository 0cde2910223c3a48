// SPDX-License-Identifier: MIT
#pragma once

#include "os/limits.hpp"
#include "os/pidfd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace cohort::os {

/// A descriptor that the new program gets.
struct PassedDescriptor {
    int from = -1;  ///< its number here; stays the caller's
    int to = -1;    ///< its number there
};

/// A limit of the new program.
struct LimitSetting {
    int resource = 0;  ///< RLIMIT_CPU, …
    ResourceLimit limit{};
};

/// What start_program() starts.
struct Program {
    std::string
        path{};  ///< a file; not searched for in PATH. `/proc/self/exe` is this program, even if it was replaced
    int file =
        -1;  ///< when not negative, an open file that is executed instead; `path` is then only its name in errors
    std::vector<std::string> arguments{};                   ///< the first is the program's name
    std::optional<std::vector<std::string>> environment{};  ///< lines NAME=value; empty: this process's
    std::vector<PassedDescriptor> descriptors{};            ///< 0, 1 and 2 cross anyway, everything else is closed
    int parent_death_signal = 0;                            ///< sent to it when this process ends; 0: none
    std::vector<std::string> candidates{};  ///< when there are any, files that are tried in turn until one can be
                                            ///< executed; `path` is then only the name in errors
    std::string folder{};                   ///< its working directory; empty: this process's
    std::optional<mode_t> umask{};
    bool own_session = false;
    std::optional<pid_t> process_group{};  ///< the group it joins; 0: a new one
    std::vector<LimitSetting> limits{};
    std::optional<std::vector<gid_t>> groups{};  ///< the supplementary ones
    std::optional<gid_t> group{};
    std::optional<uid_t> user{};
    bool default_write_signals = false;  ///< SIGPIPE and SIGXFSZ have their default action, though ignored here
    bool inherits_descriptors = false;   ///< what is open here, and not close-on-exec, is not closed
};

/// A program that runs.
struct Started {
    pid_t pid = 0;    ///< to be reaped by the caller
    Pidfd process{};  ///< owned by the caller
};

/// Starts a program in a new process, at a cost that does not depend on this one's size: as posix_spawn does, the child
/// borrows this process's memory until it executes the file; the calling thread waits for that. A child that becomes
/// another user has a copy of the memory instead: who may send it signals must not get at this process's.
///
/// In the new program every signal that was handled here has its default action, ignored ones stay ignored, and the
/// mask is the calling thread's.
/// @throws std::system_error naming the step that failed, here or in the child (`execve '/no/such': No such file …`,
///         `chdir '/no/folder': …`); nothing is left then
Started start_program(const Program& program);

}  // namespace cohort::os
