// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>

#include <string>
#include <vector>

namespace cohort::subprocess {

/// The base of what is thrown when a program does not end as it should. A program that cannot be started is a
/// `std::system_error` instead.
class COHORT_API SubprocessError : public Error {
public:
    using Error::Error;
    ~SubprocessError() override;
};

/// A program has failed: `Command 'ls /none' returned non-zero exit status 2.`, or `… died with <Signals.SIGKILL: 9>.`
class COHORT_API CalledProcessError : public SubprocessError {
public:
    /// As run() throws it.
    CalledProcessError(int code, std::vector<std::string> command, std::string output, std::string errors);
    ~CalledProcessError() override;

    int returncode;                ///< its exit status; -N: ended by signal N
    std::vector<std::string> cmd;  ///< the program and its arguments
    std::string out;               ///< what was collected of its standard output
    std::string err;               ///< what was collected of its standard error
};

/// A program has not ended in time: `Command 'sleep 9' timed out after 0.5 seconds`.
class COHORT_API TimeoutExpired : public SubprocessError {
public:
    /// As run() throws it.
    TimeoutExpired(std::vector<std::string> command, Timeout limit, std::string output = {}, std::string errors = {});
    ~TimeoutExpired() override;

    std::vector<std::string> cmd;  ///< the program and its arguments
    Timeout timeout;               ///< how long it had
    std::string out;               ///< what was collected of its standard output so far
    std::string err;               ///< what was collected of its standard error so far
};

}  // namespace cohort::subprocess
