// SPDX-License-Identifier: MIT
#include "report/top_identifiers.hpp"

#include <algorithm>
#include <utility>

// Most identifiers are rare, and merging them all would take longer than the rest of the reduction. Three steps find
// the top k without that (the threshold algorithm of Cao and Wang, "Efficient top-K query calculation in distributed
// networks", 2004):
//  1. The sums over each batch's own top k give a floor: the k-th of them is not above the k-th of the true totals.
//  2. A total that reaches the floor has at least floor / batches of it in some batch: only such names are candidates.
//  3. The candidates, which are few, are summed over all batches.
namespace census {

namespace {

using Entry = IdentifierCounts::Entry;

// The entries of the k greatest counts, the greatest first; of equal ones any.
std::vector<Entry> top(const std::vector<Entry>& entries, std::size_t k) {
    std::vector<Entry> best(std::min(k, entries.size()));
    std::ranges::partial_sort_copy(entries, best, std::ranges::greater(), &Entry::count, &Entry::count);
    return best;
}

// The k-th greatest of the sums over each batch's top k; 0 when there are fewer.
std::uint64_t floor_of_top(const std::vector<IdentifierCounts>& batches, std::size_t k) {
    IdentifierCounter sums;
    for (const IdentifierCounts& batch : batches)
        for (const Entry& entry : top(batch.entries, k)) sums.add(batch, entry);
    const auto best = top(sums.counts().entries, k);
    return best.size() < k ? 0 : best.back().count;
}

// Knows all names that may be among the top k.
IdentifierCounter candidates(const std::vector<IdentifierCounts>& batches, std::size_t k) {
    const std::uint64_t share = floor_of_top(batches, k) / std::max<std::size_t>(1, batches.size());
    IdentifierCounter names;
    for (const IdentifierCounts& batch : batches)
        for (const Entry& entry : batch.entries)
            if (entry.count >= share) names.know(batch, entry);
    return names;
}

}  // namespace

std::vector<Identifier> top_identifiers(const std::vector<IdentifierCounts>& batches, std::size_t wanted) {
    IdentifierCounter totals = candidates(batches, wanted);
    for (const IdentifierCounts& batch : batches)
        for (const Entry& entry : batch.entries) totals.add_known(batch, entry);

    const IdentifierCounts& counts = totals.counts();
    std::vector<Entry> best(std::min(wanted, counts.entries.size()));
    std::ranges::partial_sort_copy(counts.entries, best, [&](const Entry& a, const Entry& b) {
        return a.count != b.count ? a.count > b.count : counts.name(a) < counts.name(b);
    });
    std::vector<Identifier> identifiers;
    identifiers.reserve(best.size());
    for (const Entry& entry : best)
        identifiers.push_back({.name = std::string(counts.name(entry)), .count = entry.count});
    return identifiers;
}

IdentifierCounts merged(const std::vector<IdentifierCounts>& batches) {
    IdentifierCounter totals;
    for (const IdentifierCounts& batch : batches)
        for (const Entry& entry : batch.entries) totals.add(batch, entry);
    return std::move(totals).take();
}

}  // namespace census
