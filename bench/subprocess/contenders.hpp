// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace bench {

// Each starts /bin/true and waits for its end. Throws when that was not as it should be.
void bare_true();
void cohort_true();
void boost_true();
void popen_true();

/// Microseconds for one in CPython.
double python_true(int count);

// Each collects what a program writes, which is that many zeros, in a string. Throws when there are more or fewer.
void cohort_capture(std::size_t bytes);
void boost_capture(std::size_t bytes);
void popen_capture(std::size_t bytes);

/// The same program, read by `cat`.
void cat_capture(std::size_t bytes);

/// Seconds in CPython.
double python_capture(std::size_t bytes);

/// Whether Boost.Process was there when this was compiled.
bool has_boost() noexcept;

}  // namespace bench
