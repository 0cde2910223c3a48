// SPDX-License-Identifier: MIT
// A target that does not take these arguments.
// expect: cohort::Process: the target cannot be called with these arguments
#include <cohort/process/process.hpp>

#include <string>

void print(const std::string&) {}

#ifdef CURED
cohort::Process process(print, "text");
#else
cohort::Process process(print, 3);
#endif
