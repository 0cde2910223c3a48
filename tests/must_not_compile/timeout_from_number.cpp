// SPDX-License-Identifier: MIT
// A bare number is no time: which unit would it be?
// expect: cohort::Timeout
#include <cohort/base/timeout.hpp>

#ifdef CURED
cohort::Timeout timeout = std::chrono::seconds(5);
#else
cohort::Timeout timeout = 5;
#endif
