// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/pull_iterator.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/stream.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace cohort {

/// The results of an `imap`, one after the other (multiprocessing.pool.IMapIterator): an input range.
///
/// The input is read by next(), as far as results that were not taken leave room for; so an endless one will do. When
/// this is destroyed, what was not run is not run any more.
///
/// @tparam R  the result of a task; std::monostate for tasks without one
///
/// Thread safety: one thread at a time. FORK: in a child of the process that made it, next() throws Error
/// once, instead of the results that had not come.
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
    ///         The next call goes on with the next item. When the pool has ended, each item that it had gets its result
    ///         or its error, CancelledError or BrokenPoolError; all others together get one such error, and that was
    ///         the last
    /// @throws ValueError  this was moved from
    std::optional<R> next(Timeout timeout = forever) {
        if (!source_) detail::fail_moved_results();
        return source_->next(timeout);
    }

    /// Takes one result after the other; throws as next().
    using iterator = detail::PullIterator<R, ImapIterator>;
    iterator begin() { return iterator(*this); }
    iterator end() { return {}; }

private:
    friend iterator;
    std::optional<R> pull() { return next(); }

    std::unique_ptr<detail::ResultSource<R>> source_;
};

}  // namespace cohort
