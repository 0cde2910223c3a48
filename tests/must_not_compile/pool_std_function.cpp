// SPDX-License-Identifier: MIT
// What a std::function holds is hidden.
// expect: cohort: a std::function cannot be sent to another process, since it hides what it holds: pass the function or
// lambda itself
#include <cohort/pool/pool.hpp>

#include <functional>

int call(cohort::Pool& pool) {
#ifdef CURED
    auto task = [](int n) { return 2 * n; };
#else
    std::function<int(int)> task = [](int n) { return 2 * n; };
#endif
    return pool.apply(task, 21);
}
