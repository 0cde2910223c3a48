// SPDX-License-Identifier: MIT
#pragma once

#include "os/pidfd.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cohort::os {

/// A descriptor that the new program gets.
struct PassedDescriptor {
    int from = -1;  ///< its number here; stays the caller's
    int to = -1;    ///< its number there
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
    int parent_death_signal = 0;                            ///< sent to it when the calling thread ends; 0: none
};

/// A program that runs.
struct Started {
    pid_t pid = 0;    ///< to be reaped by the caller
    Pidfd process{};  ///< owned by the caller
};

/// Starts a program in a new process, at a cost that does not depend on this one's size: as posix_spawn does, the child
/// borrows this process's memory until it executes the file; the calling thread waits for that.
///
/// In the new program every signal that was handled here has its default action, ignored ones stay ignored, and the
/// mask is the calling thread's.
/// @throws std::system_error naming the step that failed, here or in the child (`execve '/no/such': No such file …`);
///         nothing is left then
Started start_program(const Program& program);

}  // namespace cohort::os
