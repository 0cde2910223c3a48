// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <vector>

#include "support/workload.hpp"

namespace bench {

/// What a run has found.
struct Results {
    std::vector<std::string> names{};                      ///< of the cases, in turn
    std::map<std::string, std::vector<double>> figures{};  ///< by case, one for each round
    /// Nanoseconds between the cores: in each round before each case, and after the last one. Empty if not watched.
    std::vector<std::vector<double>> distances{};

    bool has(const std::string& name) const { return figures.contains(name); }
};

// These print a line, with names in a column of that width, and return the same for the file.
nlohmann::json report_case(const Case& the_case, const Results& results, int width);
/// REQUIRES: the results have the goal's cases.
nlohmann::json report_goal(const Goal& goal, const Results& results, int width);
/// Prints how far the cores were in the last round.
void report_distances(const Results& results);

}  // namespace bench
