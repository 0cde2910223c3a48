// SPDX-License-Identifier: MIT
// A pool belongs to the process that made it: it is no argument of a task.
// expect: cohort: a Pool or Process belongs to the process that made it: make one where it is used
#include <cohort/pool/pool.hpp>

#ifdef CURED
int size(int) {
    return 0;
}
int use(cohort::Pool& pool) {
    return pool.apply(size, 1);
}
#else
int size(const cohort::Pool&) {
    return 0;
}
int use(cohort::Pool& pool, cohort::Pool& other) {
    return pool.apply(size, std::move(other));
}
#endif
