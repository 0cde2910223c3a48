// SPDX-License-Identifier: MIT
// Round trips, rates and large payloads of cohort's pool.
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>

#include <malloc.h>

#include <fstream>
#include <string>
#include <utility>

#include "pool/contenders.hpp"
#include "pool/tasks.hpp"

namespace bench {

namespace {

// One pool for all rounds, as the competitors' threads are.
cohort::Pool& pool() {
    static cohort::Pool the_pool(kWorkers);
    return the_pool;
}

double rate(double time) {
    return static_cast<double>(kTasks) / time / 1e3;
}

void check_squares(const std::vector<long>& results) {
    for (long i = 0; i != kTasks; ++i) require(results[static_cast<std::size_t>(i)] == i * i);
}

// Hands on what it is given, without a copy of its own.
std::vector<char> same(std::vector<char>&& bytes) {
    return std::move(bytes);
}

const std::vector<std::vector<char>>& large_input() {
    static const std::vector<std::vector<char>> input(kLargeTasks, std::vector<char>(kLargeBytes, 'x'));
    return input;
}

// Kilobytes that this process has, or has had at most.
long memory(const std::string& kind) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(kind + ":")) return std::stol(line.substr(kind.size() + 1));
    throw std::runtime_error("no " + kind);
}

long memory_at_start = 0;

void note_memory() {
    memory_at_start = memory("VmRSS");
}

long memory_taken() {
    return memory("VmHWM") - memory_at_start;
}

}  // namespace

double cohort_trip(Trip trip) {
    const auto make = [](int i) { require(pool().apply(square, long{i}) == long{i} * i); };
    make(0);
    return median_trip(trip, make);
}

double cohort_map(std::size_t chunksize) {
    std::vector<long> results;
    const double time = seconds([&] { results = pool().map(square, cohort::range(kTasks), {.chunksize = chunksize}); });
    check_squares(results);
    return rate(time);
}

double cohort_apply_async() {
    std::vector<cohort::AsyncResult<long>> calls;
    calls.reserve(kTasks);
    std::vector<long> results;
    results.reserve(kTasks);
    const double time = seconds([&] {
        for (long i = 0; i != kTasks; ++i) calls.push_back(pool().apply_async(square, i));
        for (const auto& call : calls) results.push_back(call.get());
    });
    check_squares(results);
    return rate(time);
}

double cohort_imap_unordered() {
    long sum = 0;
    long count = 0;
    const double time = seconds([&] {
        for (const long result : pool().imap_unordered(square, cohort::range(kTasks))) {
            sum += result;
            ++count;
        }
    });
    require(count == kTasks && sum == (kTasks - 1) * kTasks / 2 * (2 * kTasks - 1) / 3);
    return rate(time);
}

// Not the first call of its pool, and results come into memory that was used before, as those of memcpy do.
double cohort_large() {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 2047 << 20);
    const auto& input = large_input();
    std::vector<std::vector<char>> results = pool().map(same, input, {.chunksize = 1});
    results.clear();
    const double time = seconds([&] { results = pool().map(same, input, {.chunksize = 1}); });
    require(results.size() == kLargeTasks && results.back() == input.back());
    return 2.0 * kLargeTasks * kLargeBytes / time / 1e9;
}

double cohort_large_peak() {
    cohort::Pool one({.processes = 1}, note_memory);
    require(one.map(same, large_input(), {.chunksize = 1}).size() == kLargeTasks);
    return static_cast<double>(one.apply(memory_taken)) * 1024 / kLargeBytes;
}

double cohort_busy(std::chrono::microseconds each, std::size_t chunksize) {
    const std::vector<std::chrono::nanoseconds> work(static_cast<std::size_t>(busy_tasks(each)), each);
    return static_cast<double>(work.size()) / seconds([&] { pool().map(burn, work, {.chunksize = chunksize}); });
}

double cohort_uneven(std::size_t chunksize) {
    const auto& work = uneven_work();
    return against_ideal(seconds([&] { pool().map(burn, work, {.chunksize = chunksize}); }));
}

}  // namespace bench
