// SPDX-License-Identifier: MIT
#include "engines.hpp"

#include "batches.hpp"
#include "chaos.hpp"

#include <cohort/cohort.hpp>

#include <atomic>
#include <cstddef>
#include <future>
#include <iostream>
#include <optional>

namespace census {

namespace {

std::vector<BatchFacts> analyse_serially(const std::vector<Batch>& batches) {
    std::vector<BatchFacts> results;
    results.reserve(batches.size());
    for (const Batch& batch : batches) results.push_back(analyse(batch));
    return results;
}

// Each thread takes the next batch that nobody has begun.
std::vector<BatchFacts> analyse_with_threads(const std::vector<Batch>& batches, std::size_t count) {
    std::vector<BatchFacts> results(batches.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i; (i = next++) < batches.size();) results[i] = analyse(batches[i]);
    };
    std::vector<std::future<void>> threads;
    for (std::size_t i = 0; i < count; ++i) threads.push_back(std::async(std::launch::async, work));
    for (auto& thread : threads) thread.get();
    return results;
}

// A batch whose worker dies is run again, as often as chaos can kill.
std::vector<BatchFacts> analyse_with_pool(const std::vector<Batch>& batches, const Options& options) {
    // [pool]
    cohort::Pool pool({.processes = options.processes, .start_method = options.start_method, .name = "census"});
    std::optional<Chaos> chaos;
    if (options.chaos) chaos.emplace(pool);
    auto results = pool.map(analyse, batches, {.retries = Chaos::kMostKills, .progress = "census"});
    // [/pool]
    if (chaos) std::cerr << "census: workers killed by --chaos: " << chaos->kills() << '\n';
    return results;
}

}  // namespace

std::vector<BatchFacts> analyse_all(const std::vector<FoundFile>& files, const Options& options) {
    if (options.serial) return analyse_serially(make_batches(files, 1));
    if (options.threads > 0) return analyse_with_threads(make_batches(files, options.threads), options.threads);
    return analyse_with_pool(make_batches(files, options.processes), options);
}

}  // namespace census
