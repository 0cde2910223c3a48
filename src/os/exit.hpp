// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::os {

/// Ends the process at once: no handlers, no destructors, no flush.
[[noreturn]] void exit_now(int status) noexcept;

/// Registers a handler that `std::exit` calls with the exit status; like `std::atexit`, last registered first called.
/// @throws std::bad_alloc  the C library cannot remember another handler
void call_at_exit(void (*handler)(int status));

/// Ends the process by a signal with its default action, as if it had never been handled.
[[noreturn]] void die_by_signal(int number) noexcept;

/// Stops the process; it goes on after SIGCONT.
void stop_here() noexcept;

}  // namespace cohort::os
