// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/subprocess/options.hpp>

namespace cohort::subprocess {

/// How run() starts its program.
/// @throws ValueError  options that contradict each other
PopenOptions popen_options(RunOptions options);

}  // namespace cohort::subprocess
