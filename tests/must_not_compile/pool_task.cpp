// SPDX-License-Identifier: MIT
// A task that does not take these arguments.
// expect: cohort::Pool: the task cannot be called with these arguments
#include <cohort/pool/pool.hpp>

int add(int a, int b) {
    return a + b;
}

int use(cohort::Pool& pool) {
#ifdef CURED
    return pool.apply(add, 1, 2);
#else
    return pool.apply(add, 1);
#endif
}
