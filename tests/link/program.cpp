// SPDX-License-Identifier: MIT
// Linked in many ways: see CMakeLists.txt.
#include "link/checks.hpp"

int main() {
    return run_checks(kAllMethods) == 0 ? 0 : 1;
}
