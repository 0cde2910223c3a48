// SPDX-License-Identifier: MIT
#include <cohort/subprocess/errors.hpp>

#include <cohort/subprocess/command_line.hpp>

#include "os/signals.hpp"

#include <chrono>
#include <cstdio>
#include <utility>

namespace cohort::subprocess {

namespace {

std::string command_text(const std::vector<std::string>& command) {
    return "Command '" + list2cmdline(command) + "'";
}

std::string failure_text(int code, const std::vector<std::string>& command) {
    if (code >= 0) return command_text(command) + " returned non-zero exit status " + std::to_string(code) + ".";
    return command_text(command) + " died with <Signals." + os::signal_name(-code) + ": " + std::to_string(-code) +
           ">.";
}

std::string timeout_text(const std::vector<std::string>& command, Timeout limit) {
    const std::chrono::duration<double> seconds = limit.duration().value_or(Timeout::Clock::duration::max());
    char text[32];
    std::snprintf(text, sizeof text, "%g", seconds.count());
    return command_text(command) + " timed out after " + text + " seconds";
}

}  // namespace

SubprocessError::~SubprocessError() = default;
CalledProcessError::~CalledProcessError() = default;
TimeoutExpired::~TimeoutExpired() = default;

CalledProcessError::CalledProcessError(int code, std::vector<std::string> command, std::string output,
                                       std::string errors)
    : SubprocessError(failure_text(code, command)),
      returncode(code),
      cmd(std::move(command)),
      out(std::move(output)),
      err(std::move(errors)) {}

TimeoutExpired::TimeoutExpired(std::vector<std::string> command, Timeout limit, std::string output, std::string errors)
    : SubprocessError(timeout_text(command, limit)),
      cmd(std::move(command)),
      timeout(limit),
      out(std::move(output)),
      err(std::move(errors)) {}

}  // namespace cohort::subprocess
