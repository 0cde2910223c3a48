// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/async_call.hpp>

#include <concepts>
#include <exception>
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
///
/// @tparam R  the result of the task; of a map all results together, in a std::vector
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

    /// Ends the call with CancelledError: tasks that wait are not run, and the worker of a task that runs is ended; a
    /// thread cannot be, see ThreadPool.
    /// @returns false if the call has ended already, or does not end because of this
    bool cancel() const { return call().cancel(); }
    /// Whether the call has ended with CancelledError.
    bool cancelled() const { return call().cancelled(); }
    /// Whether a worker is at it.
    bool running() const { return call().running(); }
    /// Waits for the end of the call.
    /// @returns its error, null if it has a result
    /// @throws TimeoutError  the time is up; CancelledError  the call was cancelled, or its pool ended
    std::exception_ptr exception(Timeout timeout = forever) const {
        call().wait_or_throw(timeout);
        if (call().cancelled()) call().rethrow();
        return call().error();
    }
    /// Calls `f(result)` when the call has ended, in a thread of the pool or in one that ends the pool; at once, here,
    /// if it has. As callbacks: one at a time, and what it throws is logged; but it is called however the call ends.
    template <class F>
    void add_done_callback(F f) const {
        if (call().when_ready([call = call_, f]() mutable { f(AsyncResult(std::move(call))); })) return;
        const AsyncResult done = *this;
        detail::call_logged([&] { f(done); });
    }
    /// A descriptor that can be read when the call has ended: for wait(), and for poll() and its kind. Never read it.
    /// It is the call's, and there as long as this.
    /// @throws std::system_error  there are no more descriptors
    int sentinel() const { return call().sentinel(); }

    /// For `co_await result`: what get() gives. The coroutine goes on in a thread of the pool, where callbacks run; an
    /// executor of the program may move it on from there.
    class Awaiter {
    public:
        /// What co_await makes of a result.
        explicit Awaiter(const AsyncResult& result) : result_(result) {}
        bool await_ready() const { return result_.ready(); }
        /// @param coroutine  a std::coroutine_handle
        template <class Handle>
        bool await_suspend(Handle coroutine) const {
            return result_.call().when_ready([coroutine]() mutable { coroutine.resume(); });
        }
        Got await_resume() const { return result_.get(); }

    private:
        AsyncResult result_;
    };
    Awaiter operator co_await() const { return Awaiter(*this); }

    /// For as_completed() and wait().
    const std::shared_ptr<detail::AsyncCallFor<R>>& shared_call() const {
        call();
        return call_;
    }

private:
    detail::AsyncCallFor<R>& call() const {
        if (!call_) detail::AsyncCall::fail_empty();
        return *call_;
    }

    std::shared_ptr<detail::AsyncCallFor<R>> call_;
};

}  // namespace cohort
