// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>

namespace cohort::os {

/// Runs the work on a thread that ends only with this process, and waits for it: on the main thread, or else on one
/// that the first such call makes. For what the kernel ties to the calling thread, as the death signal of a child.
///
/// Thread safety: safe; one work at a time. FORK: a child makes a thread of its own.
/// @throws std::system_error naming pthread_create
void on_permanent_thread(cohort::detail::FunctionRef<void()> work);

}  // namespace cohort::os
