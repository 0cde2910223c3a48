// SPDX-License-Identifier: MIT
// An argument of a task that cannot travel.
// expect: cohort: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or a
// std::shared_ptr
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
