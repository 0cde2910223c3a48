// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/retry_if.hpp>

#include <cstddef>
#include <exception>
#include <functional>

namespace cohort {

namespace detail {

template <class R>
struct CallbackOf {
    using Type = std::function<void(const R&)>;
};
template <>
struct CallbackOf<void> {
    using Type = std::function<void()>;
};

}  // namespace detail

/// What is done with the result of an asynchronous call, in the process that made it.
template <class R>
using Callback = typename detail::CallbackOf<R>::Type;
/// The same for its error.
using ErrorCallback = std::function<void(std::exception_ptr)>;

/// How an `apply_async` goes about its task. The order of the members is API: they are set by designated initializers.
///
/// Callbacks run one at a time, in a thread of the pool. What they throw is logged. They may use the pool, but not wait
/// for it to end. A result is ready when its callback has returned. When the pool is terminated, callbacks that have
/// not begun are not called any more; for a call that was cancelled the error callback gets the CancelledError.
template <class R>
struct TaskOptions {
    /// Called with the result; without arguments if the task returns nothing.
    Callback<R> callback{};
    /// Called with the error.
    ErrorCallback error_callback{};
    /// How long the task may run; beyond, its worker is ended, and the task fails with TimeoutError. Of threads, see
    /// ThreadPool. Zero or less is a ValueError.
    Timeout timeout = forever;
    /// How often the task is run again after a worker died while it ran it, or after an error that `.retry_if` chooses.
    std::size_t retries = 0;
    /// Tasks with a higher number are handed out first; those that a worker has, or is about to take, stay where they
    /// are.
    int priority = 0;
    /// Which errors are worth another run; empty: none.
    RetryIf retry_if{};
    /// Called when a worker begins with the task; again if it is run again. Tasks that begin at the same moment may be
    /// told in another order.
    std::function<void()> on_start{};
};

/// The same for `map_async` and `starmap_async`: R is the type of all results together.
template <class R>
struct MapAsyncOptions {
    /// As in MapOptions.
    std::size_t chunksize = 0;
    /// As in MapOptions.
    Timeout timeout = forever;
    /// As in MapOptions.
    std::size_t retries = 0;
    /// Called once with all results.
    Callback<R> callback{};
    /// Called once with the error of the first item that failed.
    ErrorCallback error_callback{};
    /// As in MapOptions.
    RetryIf retry_if{};
    /// As in MapOptions.
    int priority = 0;
};

}  // namespace cohort
