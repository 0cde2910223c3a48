// SPDX-License-Identifier: MIT
#pragma once

#include "facts/analysis.hpp"
#include "walk.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

namespace census {

/// Cuts the files into batches that cost about the same, while they are found. A file stays whole: one that is larger
/// than the others' batches has its own. The more has been found, the larger batches become, up to a limit, so that
/// there are enough of them to keep `workers` busy to the end, and not too many to be merged.
///
/// An input range, for which the walk goes on with each step.
class Batches {
public:
    /// @param walk must outlive this
    /// @param workers how many processes or threads will share the work, at least 1
    Batches(Walk& walk, std::size_t workers) : walk_(walk), workers_(workers) {}

    /// The next batch; nothing at the end.
    std::optional<Batch> next();

    // [range]
    class Iterator {
    public:
        using value_type = Batch;
        using difference_type = std::ptrdiff_t;

        explicit Iterator(Batches& batches) : batches_(&batches), batch_(batches.next()) {}
        Batch&& operator*() const { return std::move(*batch_); }  // each batch is read once
        Iterator& operator++() {
            batch_ = batches_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& at, std::default_sentinel_t) { return !at.batch_; }

    private:
        Batches* batches_;
        mutable std::optional<Batch> batch_;
    };
    Iterator begin() { return Iterator(*this); }
    std::default_sentinel_t end() const { return {}; }
    // [/range]

private:
    Walk& walk_;
    std::size_t workers_;
    std::optional<FoundFile> file_;  // found, and in no batch
    std::uint64_t seen_ = 0;         // the cost of all batches so far
};

}  // namespace census
