// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/log.hpp>
#include <cohort/process/start_method.hpp>

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cohort::process {

/// Who a child is: what it inherits from the process that starts it. Travels to fresh images.
struct ChildIdentity {
    std::string name{};
    std::vector<unsigned> path{};  ///< its number among its siblings, after those of its ancestors
    bool daemon = false;
    std::string authkey{};  ///< secret: only ever written to memory that the child alone can see
    std::string parent_name{};
    pid_t parent_pid = 0;                ///< the process that asked for it
    pid_t creator_pid = 0;               ///< its parent for the kernel: the same, or the forkserver
    bool created_by_main_thread = true;  ///< false: the kernel's death signal would come at the end of a thread
    bool detached = false;               ///< outlives its parent
    unsigned pool_depth = 0;             ///< how many pools it is inside of
    std::uint32_t line = 0;              ///< in the roster of the tree; 0: it takes one when it needs it
    std::optional<StartMethod>
        start_method{};  ///< how it was started, and how its children are if nothing else is said
    LogLevel log_level{};
    Logger::Handler log_handler = nullptr;
    std::string working_directory{};  ///< of a child of the forkserver, where that differs; else empty

    /// `Process-1:2`: the class's name and the path.
    static std::string default_name(const std::string& class_name, const std::vector<unsigned>& path);
};

}  // namespace cohort::process
