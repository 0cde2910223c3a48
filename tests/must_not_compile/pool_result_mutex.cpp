// SPDX-License-Identifier: MIT
// A result that can neither be sent nor moved.
// expect: cohort: it belongs to one process: use cohort's Lock
#include <cohort/pool/pool.hpp>

#include <mutex>
#include <vector>

#ifdef CURED
int make(int number) {
    return number;
}
#else
std::mutex make(int) {
    return {};
}
#endif

void use(cohort::Pool& pool) {
    pool.map(make, {1, 2});
}
