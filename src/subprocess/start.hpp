// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>
#include <cohort/subprocess/options.hpp>

#include "os/exec.hpp"

#include <string>
#include <vector>

namespace cohort::subprocess {

/// A program that was started, and this process's ends of its pipes.
struct StartedProgram {
    os::Started started{};
    Descriptor in{};
    Descriptor out{};
    Descriptor err{};
    bool leads_group = false;  ///< what is sent to it goes to its process group
};

/// What the constructor of Popen says.
StartedProgram start(const std::vector<std::string>& args, const PopenOptions& options);

}  // namespace cohort::subprocess
