// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::process {

/// Flushes stdio and the standard iostreams, so that a fork does not copy what is not yet written.
/// Does not wait for a thread that reads stdin.
void flush_output() noexcept;

/// Flushes what was printed to stdout, std::cout and std::clog. Some nanoseconds when nothing was.
void flush_printed() noexcept;

/// Replaces stdin by /dev/null and drops what was read ahead.
void replace_stdin() noexcept;

}  // namespace cohort::process
