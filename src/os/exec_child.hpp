// SPDX-License-Identifier: MIT
#pragma once

#include "os/exec.hpp"

#include <csignal>
#include <span>

namespace cohort::os {

/// What the child between clone and exec needs, made ready by the parent: there nothing may be allocated.
struct ExecRequest {
    const char* path = nullptr;
    int file = -1;
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
    std::span<PassedDescriptor> descriptors{};  ///< the child moves `from` out of the way
    int parent_death_signal = 0;
    pid_t parent = 0;
    const sigset_t* mask = nullptr;  ///< for the new program

    // The child's answer, in the memory that both share.
    const char* failed_step = nullptr;
    int error = 0;
};

/// The child's side: runs on a stack of its own in the parent's memory, with all signals blocked. Async-signal-safe.
/// @param request an ExecRequest
/// @return the exit code, if the program could not be executed
int exec_child(void* request) noexcept;

}  // namespace cohort::os
