// SPDX-License-Identifier: MIT
// The limits: one thread that calls the function, memcpy of the same bytes, and oneTBB's threads.
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "contenders.hpp"
#include "support/workload.hpp"

#ifdef BENCH_HAS_TBB
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_group.h>
#endif

namespace bench {

namespace {

double checked_rate(double time, const std::vector<long>& results) {
    for (long i = 0; i != kTrivialTasks; ++i)
        if (results[static_cast<std::size_t>(i)] != i * i) throw std::runtime_error("threads: a result is wrong");
    return static_cast<double>(kTrivialTasks) / time / 1e3;
}

}  // namespace

[[gnu::noinline]] long square(long i) {
    return i * i;
}

const std::vector<std::vector<char>>& large_input() {
    static const std::vector<std::vector<char>> input(kLargeTasks, std::vector<char>(kLargeBytes, 'x'));
    return input;
}

int work(int i) {
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < std::chrono::microseconds(kMediumMicroseconds)) {
    }
    return i;
}

double one_thread_trivial() {
    std::vector<long> results(kTrivialTasks);
    const double time = seconds([&] {
        for (long i = 0; i != kTrivialTasks; ++i) results[static_cast<std::size_t>(i)] = square(i);
    });
    return checked_rate(time, results);
}

// Arguments and results, once each, into memory that is used again.
double memcpy_large() {
    static const std::vector<char> from(kLargeBytes, 'x');
    static std::vector<char> to(kLargeBytes);
    const double time = seconds([&] {
        for (int i = 0; i != 2 * kLargeTasks; ++i) {
            std::memcpy(to.data(), from.data(), from.size());
            asm volatile("" : : "r"(to.data()) : "memory");
        }
    });
    return 2.0 * kLargeTasks * kLargeBytes / time / 1e9;
}

double memcpy_same_large() {
    static std::vector<std::vector<char>> results(large_input());
    static std::vector<char> between(kLargeBytes);
    const double time = seconds([&] {
        for (std::size_t i = 0; i != results.size(); ++i) {
            std::memcpy(between.data(), large_input()[i].data(), between.size());
            std::memcpy(results[i].data(), between.data(), between.size());
        }
    });
    if (results.back() != large_input().back()) throw std::runtime_error("memcpy: a result is wrong");
    return 2.0 * kLargeTasks * kLargeBytes / time / 1e9;
}

#ifdef BENCH_HAS_TBB

bool has_tbb() {
    return true;
}

double tbb_task_group_trivial() {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, kWorkers);
    std::vector<long> results(kTrivialTasks);
    const double time = seconds([&] {
        tbb::task_group group;
        for (long i = 0; i != kTrivialTasks; ++i)
            group.run([&results, i] { results[static_cast<std::size_t>(i)] = square(i); });
        group.wait();
    });
    return checked_rate(time, results);
}

double tbb_parallel_for_trivial() {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, kWorkers);
    std::vector<long> results(kTrivialTasks);
    const double time = seconds([&] {
        tbb::parallel_for(0L, kTrivialTasks, [&](long i) { results[static_cast<std::size_t>(i)] = square(i); });
    });
    return checked_rate(time, results);
}

double tbb_parallel_for_medium() {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, kWorkers);
    const double time = seconds([&] { tbb::parallel_for(0, static_cast<int>(kMediumTasks), [](int i) { work(i); }); });
    return static_cast<double>(kMediumTasks) * kMediumMicroseconds * 1e-6 / kWorkers / time;
}

#else

bool has_tbb() {
    return false;
}
double tbb_task_group_trivial() {
    return 0;
}
double tbb_parallel_for_trivial() {
    return 0;
}
double tbb_parallel_for_medium() {
    return 0;
}

#endif

}  // namespace bench
