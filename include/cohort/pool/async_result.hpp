// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/async_call.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace cohort {

/// The result of a call that a pool carries out while its caller goes on (multiprocessing.pool.AsyncResult).
///
/// A value that refers to the call: copies are the same result. It may outlive the pool; a result that the pool had not
/// got when it was terminated or destroyed is a CancelledError.
///
/// Thread safety: all members but assignment may be called by several threads at once. While a thread waits, it does
/// the work of the pool.
/// FORK: in a child of the process that made the call, members that wait throw Error.
/// DEATH: as Pool.
template <class R>
class AsyncResult {
public:
    /// What get() returns: a copy; of a type that cannot be copied a reference to the result, which may be moved from.
    using Got = std::conditional_t<std::is_void_v<R> || std::copy_constructible<R>, R, std::add_lvalue_reference_t<R>>;

    /// Refers to no call: every member throws ValueError.
    AsyncResult() = default;
    /// For Pool.
    explicit AsyncResult(std::shared_ptr<detail::AsyncCallFor<R>> call) noexcept : call_(std::move(call)) {}

    /// Waits for the result. May be called again.
    /// @param timeout  how long to wait at most
    /// @throws TimeoutError  the time is up; what the task threw; otherwise as Pool::apply()
    Got get(Timeout timeout = forever) const {
        call().wait_or_throw(timeout);
        if constexpr (std::is_void_v<R>)
            call().rethrow();
        else
            return call().value();
    }
    /// Waits until the call has ended, and its callback has returned.
    /// @returns false if the time is up
    bool wait(Timeout timeout = forever) const { return call().wait(timeout); }
    /// Whether the call has ended, and its callback has returned.
    bool ready() const { return call().ready(); }
    /// Whether it has ended without an error.
    /// @throws ValueError  it has not ended
    bool successful() const { return call().successful(); }

private:
    detail::AsyncCallFor<R>& call() const {
        if (!call_) detail::AsyncCall::fail_empty();
        return *call_;
    }

    std::shared_ptr<detail::AsyncCallFor<R>> call_;
};

}  // namespace cohort
