// SPDX-License-Identifier: MIT
// A list in shared memory holds Python's simple types: a pointer is none, and does not become a bool.
// expect: ShareableList
#include <cohort/shm/shareable_list.hpp>

int number = 1;

#ifdef CURED
cohort::ShareableList list({number, "text", true, cohort::none});
#else
cohort::ShareableList list({&number, "text", true, cohort::none});
#endif
