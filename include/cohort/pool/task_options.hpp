// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

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
/// not begun are not called any more.
template <class R>
struct TaskOptions {
    /// Called with the result; without arguments if the task returns nothing.
    Callback<R> callback{};
    /// Called with the error.
    ErrorCallback error_callback{};
    /// How often the task is run again after a worker died while it ran it.
    std::size_t retries = 0;
};

/// The same for `map_async` and `starmap_async`: R is the type of all results together.
template <class R>
struct MapAsyncOptions {
    /// As in MapOptions.
    std::size_t chunksize = 0;
    /// How often an item is run again after a worker died while it ran it.
    std::size_t retries = 0;
    /// Called once with all results.
    Callback<R> callback{};
    /// Called once with the error of the first item that failed.
    ErrorCallback error_callback{};
};

}  // namespace cohort
