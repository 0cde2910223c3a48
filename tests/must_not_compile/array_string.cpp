// SPDX-License-Identifier: MIT
// A std::string keeps its text in the memory of its own process.
// expect: a Value or Array holds trivially copyable types only
#include <cohort/sync/array.hpp>

#include <array>
#include <string>

#ifdef CURED
cohort::Array<std::array<char, 16>> texts(3);
#else
cohort::Array<std::string> texts(3);
#endif
