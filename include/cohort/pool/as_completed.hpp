// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/pull_iterator.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/async_result.hpp>
#include <cohort/pool/detail/completions.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace cohort {

/// Results in the order in which their calls end: what as_completed() returns, an input range.
///
/// Thread safety: one thread at a time.
template <class R>
class AsCompleted {
public:
    /// What as_completed() returns.
    AsCompleted(std::vector<AsyncResult<R>> results, Timeout timeout)
        : results_(std::move(results)), completions_(calls_of(results_)), deadline_(timeout) {}

    /// @throws TimeoutError  some have not ended in time
    using iterator = detail::PullIterator<AsyncResult<R>, AsCompleted>;
    iterator begin() { return iterator(*this); }
    iterator end() { return {}; }

private:
    friend iterator;

    static std::vector<std::shared_ptr<detail::AsyncCall>> calls_of(const std::vector<AsyncResult<R>>& results) {
        std::vector<std::shared_ptr<detail::AsyncCall>> calls;
        calls.reserve(results.size());
        for (const AsyncResult<R>& result : results) calls.push_back(result.shared_call());
        return calls;
    }
    std::optional<AsyncResult<R>> pull() {
        if (completions_.left() == 0) return std::nullopt;
        const auto next = completions_.next(deadline_);
        if (!next) detail::fail_unfinished(completions_.left(), results_.size());
        return std::move(results_[*next]);
    }

    std::vector<AsyncResult<R>> results_;
    detail::Completions completions_;
    Deadline deadline_;
};

/// Gives each result when its call has ended, those that have ended already first (concurrent.futures.as_completed).
/// Results may be of several pools; a result that is given twice comes twice.
/// @param timeout  for all of them together, from now on
/// Thread safety: safe.
template <class R>
AsCompleted<R> as_completed(std::vector<AsyncResult<R>> results, Timeout timeout = forever) {
    return {std::move(results), timeout};
}
/// The same for a list in braces.
template <class R>
AsCompleted<R> as_completed(std::initializer_list<AsyncResult<R>> results, Timeout timeout = forever) {
    return {std::vector<AsyncResult<R>>(results), timeout};
}

/// When wait() returns.
enum class ReturnWhen {
    first_completed,  ///< one call has ended
    first_exception,  ///< one call has ended with an error, or all have ended
    all_completed     ///< all calls have ended
};
inline constexpr ReturnWhen first_completed = ReturnWhen::first_completed;
inline constexpr ReturnWhen first_exception = ReturnWhen::first_exception;
inline constexpr ReturnWhen all_completed = ReturnWhen::all_completed;

/// What wait() has found, each in the order in which the results were given.
template <class R>
struct DoneAndNotDone {
    /// Those that have ended.
    std::vector<AsyncResult<R>> done{};
    /// The others.
    std::vector<AsyncResult<R>> not_done{};
};

/// Waits for results (concurrent.futures.wait). To wait for results beside queues, connections or processes, or for
/// results of several types, see wait({result, queue, ...}) in <cohort/channel/wait.hpp>.
/// @param timeout  how long to wait at most; no error if the time is up
/// @throws Interrupted on Ctrl-C
/// Thread safety: safe.
template <class R>
DoneAndNotDone<R> wait(const std::vector<AsyncResult<R>>& results, Timeout timeout = forever,
                       ReturnWhen return_when = all_completed) {
    try {
        for (const AsyncResult<R>& result : as_completed(results, timeout))
            if (return_when == first_completed || (return_when == first_exception && !result.successful())) break;
    } catch (const TimeoutError&) {
        // What is there is enough.
    }
    DoneAndNotDone<R> found;
    for (const AsyncResult<R>& result : results) (result.ready() ? found.done : found.not_done).push_back(result);
    return found;
}
/// The same for a list in braces.
template <class R>
DoneAndNotDone<R> wait(std::initializer_list<AsyncResult<R>> results, Timeout timeout = forever,
                       ReturnWhen return_when = all_completed) {
    return wait(std::vector<AsyncResult<R>>(results), timeout, return_when);
}

}  // namespace cohort
