// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace bench {

constexpr long kTrivialTasks = 1'000'000;
constexpr long kMediumTasks = 10'000;
constexpr int kMediumMicroseconds = 100;
constexpr int kLargeTasks = 64;
constexpr long kLargeBytes = 10'000'000;
constexpr int kWorkers = 2;

// Each does one round and checks its results. The figures are thousands of tasks a second, the part of the processors'
// capacity that was work, and GB/s of arguments and results together.

double cohort_trivial(std::size_t chunksize);
double cohort_medium();
/// @param reused  whether the results come into memory that was used before, as those of memcpy do
double cohort_large(bool reused);

double one_thread_trivial();
/// One buffer of 10 MB, which stays in the processor's cache.
double memcpy_large();
/// The bytes that the pool moves: each of the 64 arguments into a buffer, and from there to its result.
double memcpy_same_large();

/// Whether this build has oneTBB.
bool has_tbb();
double tbb_task_group_trivial();
double tbb_parallel_for_trivial();
double tbb_parallel_for_medium();

/// Pool.map of CPython. @param chunksize  0: its default
double python_trivial(int chunksize);

/// The arguments of the large tasks.
const std::vector<std::vector<char>>& large_input();

/// What a task does: trivial, and for so many microseconds.
long square(long i);
int work(int i);

}  // namespace bench
