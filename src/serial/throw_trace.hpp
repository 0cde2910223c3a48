// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>

#include <string>

namespace cohort::serial {

/// Runs `function`. An exception that leaves it passes through, and `trace` gets the stack of the place where it was
/// thrown, innermost first, a line for each frame up to this call:
///     #0  census::parse(std::string const&)  (census+0x1a2b)
/// The name is missing where the module has no symbol for it; the number is the address as addr2line takes it.
/// Exceptions that are caught inside cost nothing. One that was caught and thrown again has the later place.
/// Where the processor is not known (neither x86-64 nor AArch64), the trace stays empty.
///
/// Thread safety: any thread; calls may be nested.
void run_traced(cohort::detail::FunctionRef<void()> function, std::string* trace);

}  // namespace cohort::serial
