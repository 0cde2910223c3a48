// SPDX-License-Identifier: MIT
// An argument of a task that cannot travel.
// expect: cannot be sent to another process, since the codec does not know its type
#include <cohort/pool/pool.hpp>

#ifdef CURED
using Name = std::string;
#else
using Name = const char**;
#endif

int length(Name) {
    return 0;
}

int use(cohort::Pool& pool, Name name) {
    return pool.apply(length, name);
}
