// SPDX-License-Identifier: MIT
#include "subprocess/run_options.hpp"

#include <cohort/base/errors.hpp>

#include <utility>

namespace cohort::subprocess {

namespace {

bool is_given(const Target& target) noexcept {
    return target.kind() != Target::Kind::inherited;
}

}  // namespace

PopenOptions popen_options(RunOptions options) {
    if (options.input && is_given(options.in))
        throw ValueError(".input makes .in a pipe: only one of them is for a program");
    if (options.capture_output && (is_given(options.out) || is_given(options.err)))
        throw ValueError(".capture_output makes .out and .err pipes: they are not given beside it");
    return {.in = options.input ? PIPE : options.in,
            .out = options.capture_output ? PIPE : options.out,
            .err = options.capture_output ? PIPE : options.err,
            .cwd = std::move(options.cwd),
            .env = std::move(options.env),
            .shell = options.shell,
            .pass_fds = std::move(options.pass_fds),
            .kill_group = options.kill_group,
            .executable = std::move(options.executable),
            .close_fds = options.close_fds,
            .start_new_session = options.start_new_session,
            .process_group = options.process_group,
            .user = std::move(options.user),
            .group = std::move(options.group),
            .extra_groups = std::move(options.extra_groups),
            .umask = options.umask,
            .pipesize = options.pipesize,
            .restore_signals = options.restore_signals,
            .death_signal = options.death_signal,
            .limits = std::move(options.limits),
            .on_out = std::move(options.on_out),
            .on_err = std::move(options.on_err)};
}

}  // namespace cohort::subprocess
