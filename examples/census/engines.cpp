// SPDX-License-Identifier: MIT
#include "engines.hpp"

#include "batches.hpp"
#include "chaos.hpp"
#include "progress.hpp"

#include <cohort/cohort.hpp>

#include <cstddef>
#include <future>
#include <iostream>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace census {

namespace {

using Take = std::function<void(BatchFacts)>;

void analyse_serially(Walk& walk, const Take& take) {
    for (const Batch& batch : Batches(walk, 1)) take(analyse(batch));
}

// Each thread takes the next batch that nobody has begun.
void analyse_with_threads(Walk& walk, std::size_t count, const Take& take) {
    Batches batches(walk, count);
    std::mutex mutex;  // of the batches and of what takes results
    const auto work = [&] {
        std::unique_lock lock(mutex);
        while (const std::optional<Batch> batch = batches.next()) {
            lock.unlock();
            BatchFacts facts = analyse(*batch);
            lock.lock();
            take(std::move(facts));
        }
    };
    std::vector<std::future<void>> threads;
    for (std::size_t i = 0; i < count; ++i) threads.push_back(std::async(std::launch::async, work));
    for (auto& thread : threads) thread.get();
}

// A batch whose worker dies is run again, as often as chaos can kill.
void analyse_with_pool(Walk& walk, const Options& options, const Take& take) {
    Progress progress;
    // [pool]
    cohort::Pool pool({.processes = options.processes, .start_method = options.start_method, .name = "census"});
    std::optional<Chaos> chaos;
    if (options.chaos) chaos.emplace(pool);
    for (BatchFacts& facts : pool.imap_unordered(analyse, Batches(walk, options.processes),
                                                 {.retries = Chaos::kMostKills, .buffersize = 4 * options.processes})) {
        progress.add(facts.files.size());
        take(std::move(facts));
    }
    // [/pool]
    progress.finish();
    if (chaos) std::cerr << "census: workers killed by --chaos: " << chaos->kills() << '\n';
}

}  // namespace

void analyse_all(Walk& walk, const Options& options, const Take& take) {
    if (options.serial) return analyse_serially(walk, take);
    if (options.threads > 0) return analyse_with_threads(walk, options.threads, take);
    analyse_with_pool(walk, options, take);
}

}  // namespace census
