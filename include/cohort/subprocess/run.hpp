// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/subprocess/completed_process.hpp>
#include <cohort/subprocess/errors.hpp>
#include <cohort/subprocess/options.hpp>

#include <string>
#include <utility>
#include <vector>

namespace cohort::subprocess {

// Thread safety: all of these are safe. A program that is left by an exception is killed and waited for.

/// Runs a program until its end.
/// @param args the program and its arguments
/// @throws CalledProcessError  it has failed, with `.check`
/// @throws TimeoutExpired      it was killed after `.timeout`; has the output so far
/// @throws ValueError          options that contradict each other, such as `.input` with `.in`; as Popen
/// @throws std::system_error   it could not be started: as Popen
/// @throws Error               another part of the program has reaped it; as Popen::poll
/// Throws what a line function throws.
COHORT_API CompletedProcess run(std::vector<std::string> args, RunOptions options = {});

/// As run().
/// @returns the exit status; -N: ended by signal N
COHORT_API int call(std::vector<std::string> args, RunOptions options = {});

/// As run() with `.check`.
/// @returns 0
COHORT_API int check_call(std::vector<std::string> args, RunOptions options = {});

/// As run() with `.check` and `.out = PIPE`.
/// @returns what the program has written to its standard output
/// @throws ValueError  `.out` is given; as run()
COHORT_API std::string check_output(std::vector<std::string> args, RunOptions options = {});

/// Runs a script of the shell.
/// @returns its exit status, and what it has written to standard output and standard error, without the last newline
COHORT_API std::pair<int, std::string> getstatusoutput(const std::string& script);

/// As getstatusoutput(), without the status.
COHORT_API std::string getoutput(const std::string& script);

}  // namespace cohort::subprocess
