// SPDX-License-Identifier: MIT
// An initializer that cannot be called with its arguments.
// expect: cohort::Pool: the initializer cannot be called with these arguments
#include <cohort/pool/pool.hpp>

void initialize(int) {}

#ifdef CURED
cohort::Pool pool({.processes = 1}, initialize, 1);
#else
cohort::Pool pool({.processes = 1}, initialize, 1, 2);
#endif
