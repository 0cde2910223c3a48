// SPDX-License-Identifier: MIT
// A task that does not take the elements of the items.
// expect: cohort::Pool: the task cannot be called with these arguments
#include <cohort/pool/pool.hpp>

#include <utility>
#include <vector>

#ifdef CURED
int add(int a, int b) {
    return a + b;
}
#else
int add(int a) {
    return a;
}
#endif

std::vector<int> use(cohort::Pool& pool) {
    return pool.starmap(add, {std::pair(1, 2), std::pair(3, 4)});
}
