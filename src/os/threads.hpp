// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::os {

/// Whether the calling thread is the one that entered `main`.
bool is_main_thread() noexcept;

/// Whether this process has more than one thread. Costs one load while no thread was ever made.
bool has_other_threads() noexcept;

}  // namespace cohort::os
