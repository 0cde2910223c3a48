// SPDX-License-Identifier: MIT
#include "batches.hpp"

#include <algorithm>

namespace census {

namespace {

// What opening and closing a file costs, as the number of bytes that are read in the same time.
constexpr std::uint64_t kFileCost = 4096;
// Identifiers that occur in several batches are merged afterwards by one process alone, so batches must not be small.
constexpr std::uint64_t kSmallestBatch = std::uint64_t{1024} * 1024;
// Paths and facts of so many small files take about a megabyte.
constexpr std::uint64_t kLargestBatch = 16 * kSmallestBatch;
constexpr std::uint64_t kBatchesPerWorker = 16;

std::uint64_t cost(const FoundFile& file) {
    return file.size + kFileCost;
}

}  // namespace

std::optional<Batch> Batches::next() {
    if (!file_) file_ = walk_.next();
    if (!file_) return std::nullopt;
    const std::uint64_t limit = std::clamp(seen_ / (kBatchesPerWorker * workers_), kSmallestBatch, kLargestBatch);
    Batch batch{.first = file_->number};
    std::uint64_t sum = 0;
    do {
        sum += cost(*file_);
        batch.paths.push_back(std::move(file_->path));
        file_ = walk_.next();
    } while (file_ && sum + cost(*file_) <= limit);
    seen_ += sum;
    return batch;
}

}  // namespace census
