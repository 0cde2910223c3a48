// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bench {

/// One competitor in a workload.
struct Case {
    std::string name{};
    std::string unit{};  ///< of the figure, for example "us" or "ktask/s"
    std::function<double()>
        run{};  ///< one round: does the work, checks its result (throws if it is wrong), returns the figure
};

/// What is promised: the median, over the rounds, of one case's figure divided by another's in the same round.
struct Goal {
    std::string name{};
    std::string of{};
    std::string to{};
    double bound = 0;
    enum class Kind { at_most, at_least } kind = Kind::at_most;
};

/// A benchmark program: runs its cases in turn, round after round, and prints medians and spreads.
///
/// Its options are `--help`, `--rounds N`, `--only TEXT` (cases whose name contains it) and `--json FILE`.
class Workload {
public:
    Workload(std::string name, std::string description);

    void add(Case the_case) { cases_.push_back(std::move(the_case)); }
    void add(Goal goal) { goals_.push_back(std::move(goal)); }
    /// Notes that a competitor is not on this machine.
    void skip(std::string name, std::string reason) { skipped_.emplace_back(std::move(name), std::move(reason)); }

    /// @param rounds  how many, unless `--rounds` says otherwise
    /// @returns the exit status: 0, also when a goal is missed; 1 when a result was wrong
    int run(int argc, char** argv, int rounds = 5);

private:
    std::string name_;
    std::string description_;
    std::vector<Case> cases_;
    std::vector<Goal> goals_;
    std::vector<std::pair<std::string, std::string>> skipped_;
};

/// Seconds that a call takes.
double seconds(const std::function<void()>& work);

}  // namespace bench
