// SPDX-License-Identifier: MIT
#pragma once

#include "os/pidfd.hpp"

namespace cohort::os {

/// What a fork gives: in the child a `pid` of 0 and no handle.
struct Forked {
    pid_t pid = 0;    ///< the child's number, to be reaped by the caller
    Pidfd process{};  ///< the child's handle, owned by the caller
    bool in_child() const noexcept { return pid == 0; }
};

/// Makes a copy of this process with glibc's fork, which keeps malloc, robust mutexes and atfork handlers right.
/// Nothing is flushed: what stdio holds is in both processes.
/// @throws std::system_error naming fork or pidfd_open. A child that has no handle is killed and reaped first; the lack
///         of a descriptor or of the permission is found before the fork, unless another thread takes the last one.
Forked fork_process();

/// Has the C library call `before` before each fork of this process, and `after` after it in both processes.
/// @throws std::bad_alloc
void call_around_forks(void (*before)(), void (*after)());

}  // namespace cohort::os
