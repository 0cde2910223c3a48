// SPDX-License-Identifier: MIT
// The same work in a pool and in a process for each item: a pool makes its processes once.
#include <cohort/cohort.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <vector>

namespace {

constexpr int kItems = 100;

/// n to the power of n, modulo 2 to the power of 64.
std::uint64_t power(int n) {
    std::uint64_t result = 1;
    for (int i = 0; i != n; ++i) result *= static_cast<std::uint64_t>(n);
    return result;
}

void store(const cohort::Array<std::uint64_t>& results, int n) {
    results[static_cast<std::size_t>(n)] = power(n);
}

std::vector<std::uint64_t> in_processes() {
    const cohort::Array<std::uint64_t> results(kItems);
    std::vector<cohort::Process> processes;
    for (const int n : cohort::range(kItems)) processes.emplace_back(store, results, n).start();
    for (auto& each : processes) each.join();
    return {results.begin(), results.end()};
}

void print_time(const char* what, std::chrono::steady_clock::time_point since) {
    std::cout << what << std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count() << " s\n";
}

}  // namespace

int main() {
    cohort::Pool pool;
    auto begin = std::chrono::steady_clock::now();
    const auto by_the_pool = pool.map(power, cohort::range(kItems));
    print_time("pool: ", begin);

    begin = std::chrono::steady_clock::now();
    const auto by_processes = in_processes();
    print_time("processes: ", begin);
    std::cout << "same results: " << std::boolalpha << (by_the_pool == by_processes) << '\n';
}
