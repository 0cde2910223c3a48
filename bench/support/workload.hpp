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
    std::string to{};  ///< empty: the figure itself counts
    double bound = 0;
    enum class Kind { at_most, at_least } kind = Kind::at_most;
    /// The rounds that count: all, or those in which the cores were near, or far, before and after both cases.
    enum class Cores { any, near, far } cores = Cores::any;
};

/// A benchmark program: runs its cases in turn, round after round, and prints medians and spreads.
///
/// Its options are `--help`, `--rounds N`, `--only TEXT ...` (cases whose name contains one of these), `--list` and
/// `--json FILE`.
class Workload {
public:
    Workload(std::string name, std::string description);

    void add(Case the_case) { cases_.push_back(std::move(the_case)); }
    void add(Goal goal) { goals_.push_back(std::move(goal)); }
    /// Notes that a competitor is not on this machine.
    void skip(std::string name, std::string reason) { skipped_.emplace_back(std::move(name), std::move(reason)); }

    /// Measures how far the cores are from each other before each case and after the last one of each round, and prints
    /// it for each round.
    void watch_cores() { watches_cores_ = true; }

    /// @param rounds  how many, unless `--rounds` says otherwise
    /// @returns the exit status: 0, also when a goal is missed; 1 when a result was wrong
    int run(int argc, char** argv, int rounds = 5);

private:
    std::string name_;
    std::string description_;
    std::vector<Case> cases_;
    std::vector<Goal> goals_;
    std::vector<std::pair<std::string, std::string>> skipped_;
    bool watches_cores_ = false;
};

/// Seconds that a call takes.
double seconds(const std::function<void()>& work);

}  // namespace bench
