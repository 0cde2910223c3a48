// SPDX-License-Identifier: MIT
#pragma once

#include "os/exec.hpp"

#include <sys/resource.h>

#include <csignal>
#include <span>

namespace cohort::os {

/// The step that failed in the child; none: the program runs.
struct ExecAnswer {
    const char* step = nullptr;
    const char* object = nullptr;  ///< what failed is not the program, but this
    int error = 0;
};

/// A limit as the kernel takes it.
struct KernelLimit {
    int resource;
    rlimit values;
};

/// What the child between clone and exec needs, made ready by the parent: there nothing may be allocated.
struct ExecRequest {
    const char* const* paths = nullptr;  ///< tried in turn, until a null
    int file = -1;                       ///< executed instead, when not negative
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
    std::span<PassedDescriptor> descriptors{};  ///< the child moves `from` out of the way
    pid_t parent = 0;
    sigset_t mask{};                   ///< for the new program
    const Program* program = nullptr;  ///< only what is read without a call: numbers and switches
    std::span<const KernelLimit> limits{};
    ExecAnswer* answer = nullptr;  ///< in memory that both share
};

/// The child's side: runs on a stack of its own in the parent's memory, with all signals blocked. Async-signal-safe.
/// @param request an ExecRequest
/// @return the exit code, if the program could not be executed
int exec_child(void* request) noexcept;

}  // namespace cohort::os
