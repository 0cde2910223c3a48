// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::test {

/// Has the program take AddressSanitizer's own locks at each fork.
void link_sanitizer_fork();

}  // namespace cohort::test
