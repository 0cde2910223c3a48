// SPDX-License-Identifier: MIT
// A pool that lives until the end of the program, and is destroyed with the static objects.
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>

#include "programs/program.hpp"

#include <cstdio>
#include <numeric>
#include <optional>

namespace {
std::optional<cohort::Pool> pool;
}

int main(int, char** argv) {
    pool.emplace(cohort::PoolOptions{.processes = 2, .start_method = cohort::test::method_of(argv[1])});
    const auto numbers = pool->map([](int i) { return i; }, cohort::range(10));
    std::printf("%d\n", std::accumulate(numbers.begin(), numbers.end(), 0));
}
