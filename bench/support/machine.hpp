// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace bench {

/// Processor, cores, kernel and compiler: figures of two machines are not compared.
nlohmann::json machine();

/// The versions of cohort and of those it may be compared with, as far as they are installed.
nlohmann::json versions();

}  // namespace bench
