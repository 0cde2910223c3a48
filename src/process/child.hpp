// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>

#include "process/child_identity.hpp"

#include <exception>
#include <memory>

namespace cohort::process {

struct Runtime;

/// Lives the life of a forked child: becomes `identity`, runs `body`, and leaves.
///
/// The runtime record is renewed, stdin is replaced by /dev/null, and the child is bound to its parent's life. An
/// exception that leaves `body` is reported on stderr and makes the exit code 1. What the child itself registered with
/// `std::atexit` runs; the parent's handlers and static destructors do not. Streams are flushed and coverage is
/// written.
[[noreturn]] void run_forked_child(ChildIdentity identity, detail::FunctionRef<void()> body);

/// The same for a child that is made before it is needed: it is all that before `wait`, which must not throw, and
/// begins its life (COHORT_DEBUG_WAIT, the log, `body`) after it.
[[noreturn]] void run_forked_child(ChildIdentity identity, detail::FunctionRef<void()> wait,
                                   detail::FunctionRef<void()> body);

/// The same with a record that was made before the fork.
[[noreturn]] void run_forked_child(std::unique_ptr<Runtime> record, detail::FunctionRef<void()> body);

/// The same in a fresh image: static objects are the child's own, so that it leaves through all of `std::exit`.
[[noreturn]] void run_fresh_child(ChildIdentity identity, detail::FunctionRef<void()> body);

/// Runs `body` and reports an exception that leaves it.
/// @returns the exit code, 0 or 1
int run_reporting(detail::FunctionRef<void()> body);

/// What the handler that calls this has caught. Where that is the end of the calling thread (pthread_exit, a thread
/// that was cancelled), which no handler may stop, the process ends as it would without its only thread, with exit code
/// 0.
std::exception_ptr caught_error();

/// Names what writes the coverage data of this process: a forked child leaves past the handlers that do it elsewhere.
void set_coverage_writer(void (*write)()) noexcept;

/// Sees to it that this process dies when its parent does. One that another thread than the main one has started must
/// have enrolled with the keeper before, or watch its parent itself.
void die_with_parent(const ChildIdentity& identity);

}  // namespace cohort::process
