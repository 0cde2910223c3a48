// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include <sys/types.h>

namespace cohort::process {

/// Writes the order that makes a fresh image a forkserver: it serves the requests that come over `socket` until its
/// owner ends or closes the other end.
serial::Token write_forkserver(serial::Sink& sink, int socket, pid_t owner, void (*preload)());

}  // namespace cohort::process
