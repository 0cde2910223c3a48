// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/start_method.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace census {

/// What the command line says.
struct Options {
    std::string directory = "/usr/include";
    bool json = false;
    bool files = false;       ///< in the JSON, each file too
    std::size_t rows = 15;    ///< of each table, and how many identifiers the JSON has
    bool serial = false;      ///< all work in this thread
    std::size_t threads = 0;  ///< work with so many threads of this process; 0: with a pool of processes
    std::size_t processes = 1;
    cohort::StartMethod start_method = cohort::StartMethod::fork;
    bool chaos = false;  ///< kill workers of the pool
};

/// What to do: the options, or the status to exit with at once, when help or an error has been printed.
struct Command {
    Options options{};
    std::optional<int> exit_status{};
};

Command parse_command_line(int argc, char** argv);

}  // namespace census
