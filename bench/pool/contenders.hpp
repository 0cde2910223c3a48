// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace bench {

inline constexpr int kWorkers = 2;
inline constexpr long kTasks = 1'000'000;
/// CPython is given fewer: the figure is a rate.
inline constexpr long kTasksOfPython = 20'000;
inline constexpr int kTrips = 20'000;
inline constexpr int kTripsAsleep = 300;
inline constexpr std::size_t kLargeTasks = 32;
inline constexpr std::size_t kLargeBytes = 10'000'000;

// Each does one round and checks its results.

/// What a task does: trivial.
long square(long i);

/// How a round trip is made: the one who answers has been idle for two milliseconds, or was just asked before.
enum class Trip { asleep, at_once };

/// Microseconds, the median of the trips.
double cohort_trip(Trip trip);
double condvar_trip(Trip trip);  ///< a thread pool with a mutex, a condition variable and futures
double bare_trip(Trip trip);     ///< two processes and a futex, or a word that both look at
double tbb_trip(Trip trip);      ///< task_arena::enqueue and a flag that the caller looks at

// Thousands of trivial tasks a second.
double cohort_map(std::size_t chunksize);
double cohort_apply_async();
double cohort_imap_unordered();
double bare_map();  ///< processes over two rings without bookkeeping
double mpi_map();   ///< ranks of Open MPI, one of which gives tasks to the others
double tbb_task_group();
bool has_tbb();

/// The same of CPython. @param what  map_1, map, apply_async, submit, imap_unordered
double python_rate(const std::string& what);

// Tasks a second that each keep a processor busy for that long.
double cohort_busy(std::chrono::microseconds each, std::size_t chunksize);
double tbb_busy(std::chrono::microseconds each);
/// @param chunksize  0: its default
double python_busy(std::chrono::microseconds each, std::size_t chunksize);
/// How many such tasks a round has: a quarter of a second of work for each worker, within bounds.
long busy_tasks(std::chrono::microseconds each);

/// Time of uneven tasks, as a multiple of work / cores.
double cohort_uneven(std::size_t chunksize);
double threads_uneven();

// What follows is measured in a fresh process.

/// GB of arguments and results a second.
double cohort_large();
double memcpy_large();
/// How much more memory a worker had at most than at its start, in payloads.
double cohort_large_peak();

inline constexpr long kWaiting = 100'000;
/// Time of a submit, the last tenth of kWaiting against the first one.
double waiting_flatness();
/// Bytes of memory for each of kWaiting tasks.
double waiting_bytes();

/// Milliseconds until all of so many workers, or forked processes, run at the same time.
double cohort_crowd(int count);
double raw_crowd(int count);

/// Microseconds from the moment at which a worker kills itself until a task begins in the one that replaces it.
/// @param held          bytes that the worker had touched
/// @param parent_holds  the same of the parent
double cohort_replacement(std::size_t held, std::size_t parent_holds);
/// Microseconds from fork to the child's first instruction, in a process that holds little.
double raw_fork();

}  // namespace bench
