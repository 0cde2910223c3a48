// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::os {

/// Makes descriptor 0 a read-only /dev/null; leaves it as it is when that cannot be opened.
void point_stdin_at_null() noexcept;

}  // namespace cohort::os
