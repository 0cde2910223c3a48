// SPDX-License-Identifier: MIT
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>

#include <malloc.h>

#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include "contenders.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

// One pool for all rounds, as the competitors' threads are.
cohort::Pool& pool() {
    static cohort::Pool the_pool(kWorkers);
    return the_pool;
}

// Hands on what it is given, without a copy of its own.
std::vector<char> same(std::vector<char>&& bytes) {
    return std::move(bytes);
}

void require(bool right) {
    if (!right) throw std::runtime_error("cohort: a result is wrong");
}

// Large blocks that are freed stay with the process, or go back to the kernel: then each page of a result is new.
void keep_freed_memory(bool keep) {
    mallopt(M_MMAP_THRESHOLD, keep ? 32 << 20 : 128 << 10);
    mallopt(M_TRIM_THRESHOLD, keep ? 2047 << 20 : 128 << 10);
    if (!keep) malloc_trim(0);
}

}  // namespace

double cohort_trivial(std::size_t chunksize) {
    std::vector<long> results;
    const double time =
        seconds([&] { results = pool().map(square, cohort::range(kTrivialTasks), {.chunksize = chunksize}); });
    for (long i = 0; i != kTrivialTasks; ++i) require(results[static_cast<std::size_t>(i)] == i * i);
    return static_cast<double>(kTrivialTasks) / time / 1e3;
}

double cohort_medium() {
    std::vector<int> results;
    const double time =
        seconds([&] { results = pool().map(work, cohort::range(static_cast<int>(kMediumTasks)), {.chunksize = 1}); });
    require(results.back() == kMediumTasks - 1);
    return static_cast<double>(kMediumTasks) * kMediumMicroseconds * 1e-6 / kWorkers / time;
}

double cohort_large(bool reused) {
    keep_freed_memory(reused);
    const auto& input = large_input();
    std::vector<std::vector<char>> results;
    if (reused) results = std::vector(input);  // touches the memory that is freed in the next line
    results.clear();
    const double time = seconds([&] { results = pool().map(same, input, {.chunksize = 1}); });
    require(results.size() == kLargeTasks && results.back() == input.back());
    return 2.0 * kLargeTasks * kLargeBytes / time / 1e9;
}

}  // namespace bench
