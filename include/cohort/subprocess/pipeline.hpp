// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/subprocess/completed_process.hpp>
#include <cohort/subprocess/errors.hpp>
#include <cohort/subprocess/options.hpp>

#include <string>
#include <vector>

namespace cohort::subprocess {

/// Programs that have run together, each reading what the one before it wrote.
///
/// Thread safety: a value.
struct COHORT_API CompletedPipeline {
    /// The programs in turn. Each has its own `err`, if that was collected; the last one has `out`.
    std::vector<CompletedProcess> steps{};

    /// What the last program has written to its standard output, if that was a pipe.
    const std::string& out() const { return steps.back().out; }
    /// The exit status of each program; -N: ended by signal N.
    std::vector<int> returncodes() const;
    /// That of the last program that failed, as the shell's `pipefail`; 0 if none has.
    int returncode() const;
    /// @throws CalledProcessError  of the last program that has failed
    void check_returncode() const;
};

/// Runs `a | b | c`: programs at the same time, with a pipe from each to the next.
/// @param commands the programs and their arguments
/// @param options of all of them, but: `.input` and `.in` are the first one's, `.out` and `.on_out` the last one's;
///                `.timeout` is for all together, and kills all
/// @throws ValueError          no commands; as run()
/// @throws CalledProcessError  one has failed, with `.check`
/// @throws TimeoutExpired      with the output of the last one so far, and the errors of all
/// @throws std::system_error   one could not be started; those that were are killed
/// Thread safety: safe.
COHORT_API CompletedPipeline pipeline(const std::vector<std::vector<std::string>>& commands, RunOptions options = {});

}  // namespace cohort::subprocess
