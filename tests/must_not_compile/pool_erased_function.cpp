// SPDX-License-Identifier: MIT
// A std::function hides what it holds.
// expect: cohort: a std::function cannot be sent to another process
#include <cohort/pool/pool.hpp>

#include <functional>

int use(cohort::Pool& pool) {
#ifdef CURED
    auto increment = [](int i) { return i + 1; };
#else
    std::function<int(int)> increment = [](int i) { return i + 1; };
#endif
    return pool.apply(increment, 1);
}
