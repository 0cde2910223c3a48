// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/start_method.hpp>

#include <optional>
#include <string>

namespace cohort {

/// The keyword arguments of a Process. Their order is API (designated initializers).
struct ProcessOptions {
    std::string name{};  ///< empty: `Process-1`, `Process-1:2` for a grandchild, the class's name for a subclass
    std::optional<bool>
        daemon{};  ///< ended when its parent exits, no children of its own; empty: as the creating process
    std::optional<StartMethod> start_method{};  ///< empty: get_start_method()
    bool detached = false;                      ///< outlives its parent, is neither ended nor joined at exit
};

}  // namespace cohort
