// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/os/resource_usage.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace cohort::subprocess {

/// A program that has ended.
///
/// Thread safety: a value.
struct COHORT_API CompletedProcess {
    std::vector<std::string> args{};  ///< the program and its arguments
    int returncode = 0;               ///< its exit status; -N: ended by signal N
    std::string out{};                ///< what it has written to its standard output, if that was a pipe
    std::string err{};                ///< what it has written to its standard error, if that was a pipe
    ResourceUsage usage{};            ///< what it has used

    /// @throws CalledProcessError  the program has failed
    void check_returncode() const;

    /// Prints it as Python's repr: `CompletedProcess(args=['true'], returncode=0)`.
    friend COHORT_API std::ostream& operator<<(std::ostream& stream, const CompletedProcess& process);
};

}  // namespace cohort::subprocess
