// SPDX-License-Identifier: MIT
// The items of starmap are tuples.
// expect: cohort::Pool: the items of starmap are the arguments of one call each
#include <cohort/pool/pool.hpp>

#include <utility>
#include <vector>

int add(int a, int b) {
    return a + b;
}

#ifdef CURED
std::vector<int> use(cohort::Pool& pool, const std::vector<std::pair<int, int>>& items) {
    return pool.starmap(add, items);
}
#else
std::vector<int> use(cohort::Pool& pool, const std::vector<int>& items) {
    return pool.starmap(add, items);
}
#endif
