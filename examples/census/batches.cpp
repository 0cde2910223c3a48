// SPDX-License-Identifier: MIT
#include "batches.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

namespace census {

namespace {

// What opening and closing a file costs, as the number of bytes that are read in the same time.
constexpr std::uint64_t kFileCost = 4096;
// Identifiers that occur in several batches are merged afterwards by one process alone, so batches must not be small.
constexpr std::uint64_t kSmallestBatch = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kBatchesPerWorker = 16;

std::uint64_t cost(const FoundFile& file) {
    return file.size + kFileCost;
}

struct Priced {
    Batch batch{};
    std::uint64_t cost = 0;
};

// Consecutive files, up to `limit` or one file.
std::vector<Priced> cut(const std::vector<FoundFile>& files, std::uint64_t limit) {
    std::vector<Priced> batches;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (batches.empty() || batches.back().cost + cost(files[i]) > limit) batches.push_back({.batch = {.first = i}});
        batches.back().batch.paths.push_back(files[i].path);
        batches.back().cost += cost(files[i]);
    }
    return batches;
}

}  // namespace

std::vector<Batch> make_batches(const std::vector<FoundFile>& files, std::size_t workers) {
    const auto total = std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                                       [](std::uint64_t sum, const FoundFile& file) { return sum + cost(file); });
    auto priced = cut(files, std::max(kSmallestBatch, total / (kBatchesPerWorker * workers)));
    std::ranges::stable_sort(priced, std::ranges::greater(), &Priced::cost);
    std::vector<Batch> batches;
    batches.reserve(priced.size());
    for (auto& [batch, cost] : priced) batches.push_back(std::move(batch));
    return batches;
}

}  // namespace census
