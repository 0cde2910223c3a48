// SPDX-License-Identifier: MIT
#pragma once

#include "search.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace grep {

struct Options {
    Query query{};
    std::vector<std::string> paths{"."};
    bool count = false;
    bool names_only = false;
    bool line_numbers = false;
    std::size_t processes = 0;                  ///< 0: as many as processors
    std::chrono::duration<double> timeout{10};  ///< for a file
    std::size_t memory = 256;                   ///< MiB that a worker may take
};

/// Ends the program after `--help` (0) and after a wrong option (2).
Options parse(int argc, char** argv);

}  // namespace grep
