// SPDX-License-Identifier: MIT
// A task that does not take these arguments, neither with nor without a stop token.
// expect: cohort::ThreadPool: the task cannot be called with these arguments
#include <cohort/pool/thread_pool.hpp>

int add(const std::stop_token&, int a, int b) {
    return a + b;
}

int use(cohort::ThreadPool& pool) {
#ifdef CURED
    return pool.apply(add, 1, 2);
#else
    return pool.apply(add, 1);
#endif
}
