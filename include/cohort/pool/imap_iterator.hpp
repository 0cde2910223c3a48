// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/stream.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

namespace cohort {

/// How an `imap` or `imap_unordered` goes about its items. The order of the members is API: they are set by designated
/// initializers.
struct ImapOptions {
    /// How many items go to a worker at once.
    std::size_t chunksize = 1;
    /// How often an item is run again after a worker died while it ran it.
    std::size_t retries = 0;
    /// How many items may be under way: read from the input, and their results not taken. 0: as many as keep the
    /// workers busy, a few for long tasks and some thousand for tiny ones.
    std::size_t buffersize = 0;
};

/// The results of an `imap`, one after the other (multiprocessing.pool.IMapIterator): an input range.
///
/// The input is read by next(), as far as results that were not taken leave room for; so an endless one will do. When
/// this is destroyed, what was not run is not run any more.
///
/// @tparam R  the result of a task; std::monostate for tasks without one
///
/// Thread safety: one thread at a time. FORK: in a child of the process that made it, next() throws Error.
/// DEATH: as Pool.
template <class R>
class ImapIterator {
public:
    /// For Pool.
    explicit ImapIterator(std::unique_ptr<detail::ResultSource<R>> source) noexcept : source_(std::move(source)) {}

    /// Waits for the next result.
    /// @param timeout  how long to wait at most
    /// @returns nothing when there are no more
    /// @throws TimeoutError  the time is up; what the task threw, or reading the input; otherwise as Pool::apply().
    ///         The next call goes on with the next item
    std::optional<R> next(Timeout timeout = forever) { return source_->next(timeout); }

    /// Takes one result after the other; throws as next().
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = R;
        using difference_type = std::ptrdiff_t;
        using pointer = R*;
        using reference = R&;

        iterator() = default;
        explicit iterator(ImapIterator& results) : results_(&results) { ++*this; }
        R& operator*() const { return *result_; }
        R* operator->() const { return std::addressof(*result_); }
        iterator& operator++() {
            result_ = results_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& a, const iterator& b) noexcept {
            return a.result_.has_value() == b.result_.has_value();
        }

    private:
        ImapIterator* results_ = nullptr;
        mutable std::optional<R> result_;
    };
    iterator begin() { return iterator(*this); }
    iterator end() { return {}; }

private:
    std::unique_ptr<detail::ResultSource<R>> source_;
};

}  // namespace cohort
