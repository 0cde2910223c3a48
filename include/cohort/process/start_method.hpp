// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <iosfwd>
#include <string_view>
#include <vector>

namespace cohort {

/// How a child process comes into being (multiprocessing: "Contexts and start methods").
///
/// What a child inherits: the parent's working directory at its start, under every method. Environment, umask, resource
/// limits, and which signals are blocked or ignored: under fork and spawn those of the parent at that moment; under
/// forkserver those of the server, which took the first three from the parent when it was started, and blocks and
/// ignores no signal.
enum class StartMethod {
    fork,        ///< a copy of the parent, with a snapshot of its memory
    spawn,       ///< a fresh image of the same program for each child
    forkserver,  ///< a fork of a small, single-threaded server, itself a fresh image that is started once
};

/// `"fork"`, `"spawn"` or `"forkserver"`.
COHORT_API std::string_view to_string(StartMethod method) noexcept;
COHORT_API std::ostream& operator<<(std::ostream& out, StartMethod method);

/// Sets the method that processes and pools of this process use when their options name none.
///
/// Children inherit it.
/// @param force  replaces a choice that was made already
/// @throws ValueError  the method was set, or used by get_start_method(), before, and `force` is false; or it is none
/// Thread safety: safe.
COHORT_API void set_start_method(StartMethod method, bool force = false);

/// The method in use, StartMethod::fork unless another was set. Fixes the choice, as Python's does.
/// Thread safety: safe.
COHORT_API StartMethod get_start_method();

/// All methods, the default first.
COHORT_API std::vector<StartMethod> get_all_start_methods();

}  // namespace cohort
