// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include <sys/types.h>

namespace cohort::process {

/// Writes the order that makes a fresh image a keeper: it kills the children that have enrolled over `socket` when its
/// owner, who started it, ends.
serial::Token write_keeper(serial::Sink& sink, int socket, pid_t owner);

}  // namespace cohort::process
