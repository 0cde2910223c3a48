// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/calls.hpp>
#include <cohort/pool/detail/queue_links.hpp>
#include <cohort/pool/detail/task_check.hpp>
#include <cohort/pool/task_options.hpp>

#include <atomic>
#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cohort::os {
class Eventfd;
}
namespace cohort::pool {
class AnyJob;
class Engine;
}  // namespace cohort::pool

namespace cohort::detail {

/// What few calls have.
struct AsyncExtras {
    std::function<void()> callback{};  ///< with the result
    ErrorCallback error_callback{};
    std::function<void()> on_start{};
    std::vector<std::function<void()>> continuations{};
    std::shared_ptr<os::Eventfd> sentinel{};
};

/// Calls what is the user's; logs what it throws.
COHORT_API void call_logged(const std::function<void()>& callback) noexcept;

/// The options of an asynchronous map() whose items make these results.
template <class Check>
using MapAsyncOptionsFor = MapAsyncOptions<results_t<typename Check::Result>>;
/// Those of one that gathers errors.
template <class Check>
using outcomes_t = std::vector<Outcome<typename Check::Result>>;
template <class Check>
using CollectAsyncOptionsFor = MapAsyncOptions<outcomes_t<Check>>;

/// A call that a pool carries out while its caller goes on. It has what it needs: callable, arguments, callbacks. A
/// hundred thousand of them may wait: each is one piece of memory, and what few need is in another one.
///
/// It begins open, is concluded when every item has an outcome, and ready when its callback has returned.
///
/// Thread safety: the members for the pool are called with the pool's mutex held, but for those that call what is the
/// user's, which one thread calls; the others are safe.
class COHORT_API AsyncCall : public pool::QueueLinks {
public:
    virtual ~AsyncCall();
    AsyncCall(const AsyncCall&) = delete;
    AsyncCall& operator=(const AsyncCall&) = delete;

    /// @returns false if the time is up
    bool wait(Timeout timeout);
    /// @throws TimeoutError
    void wait_or_throw(Timeout timeout);
    bool ready() const noexcept { return state_.load(std::memory_order_acquire) == State::ready; }
    /// @throws ValueError  not ready
    bool successful() const;
    bool running() const;
    bool cancelled() const noexcept;
    /// @returns whether it ends now, with CancelledError, because of this call
    bool cancel();
    /// Throws the error, if it is one. REQUIRES: concluded.
    void rethrow() const;
    /// Its error, or null. REQUIRES: concluded.
    const std::exception_ptr& error() const noexcept { return error_; }
    /// Calls `use` once the call is ready, in a thread of the pool.
    /// @returns false, and does nothing with it, if the call is ready now
    bool when_ready(std::function<void()> use);
    /// A descriptor that is readable when the call is ready.
    /// @throws std::system_error  there are no more descriptors
    int sentinel();
    [[noreturn]] static void fail_empty();

    // For the pool:

    /// The call as the pool sees it.
    virtual PoolCall& call() noexcept = 0;
    /// Before it is given to the pool.
    void belong_to(std::weak_ptr<pool::Engine> engine) noexcept { engine_ = std::move(engine); }
    std::shared_ptr<pool::Engine> engine() const noexcept { return engine_.lock(); }
    /// As long as the pool has no job for it, it is held by itself.
    void hold(std::shared_ptr<AsyncCall> itself) noexcept { itself_ = std::move(itself); }
    std::shared_ptr<AsyncCall> let_go() noexcept { return std::move(itself_); }
    /// What the pool has it as, from when its tasks are handed out until it is concluded; else null.
    void set_job(pool::AnyJob* job) noexcept { job_ = job; }
    pool::AnyJob* job() const noexcept { return job_; }
    /// It ends with this error, whatever its items come to. REQUIRES: not concluded.
    void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }
    /// Every item has an outcome, or fail() has been called: now the call has one.
    void conclude() noexcept;
    bool concluded() const noexcept { return state_.load(std::memory_order_acquire) != State::open; }
    /// Whether there is something to be called. REQUIRES: concluded.
    bool has_callback() const noexcept {
        const AsyncExtras* const its = extras_.load(std::memory_order_acquire);
        return its && (error_ ? its->error_callback != nullptr : its->callback != nullptr);
    }
    /// Calls it. What it throws is logged.
    void run_callback() noexcept;
    /// Its result may be had.
    void set_ready() noexcept { state_.store(State::ready, std::memory_order_release); }
    /// REQUIRES: not ready.
    void add_continuation(std::function<void()> use) { extras().continuations.push_back(std::move(use)); }
    bool has_continuations() const noexcept {
        const AsyncExtras* const its = extras_.load(std::memory_order_acquire);
        return its && !its->continuations.empty();
    }
    /// Calls what waits for it to be ready. What that throws is logged. REQUIRES: ready.
    void run_continuations() noexcept;
    /// A worker has begun with it.
    void run_start_callback() noexcept;
    bool has_start_callback() const noexcept {
        const AsyncExtras* const its = extras_.load(std::memory_order_acquire);
        return its && its->on_start != nullptr;
    }
    /// A thread waits for it, and is to be woken when it is ready.
    void set_awaited() noexcept { is_awaited_ = true; }
    bool is_awaited() const noexcept { return is_awaited_; }

protected:
    AsyncCall() noexcept : QueueLinks(true) {}

    /// Made when they are asked for first. What is in them is guarded as what uses it is.
    AsyncExtras& extras();

private:
    // Takes the results; throws the error.
    virtual void take_value() = 0;

    enum class State : unsigned char { open, concluded, ready };

    std::atomic<State> state_{State::open};
    bool is_awaited_ = false;
    std::weak_ptr<pool::Engine> engine_;
    std::shared_ptr<AsyncCall> itself_;
    std::exception_ptr error_;
    pool::AnyJob* job_ = nullptr;
    std::atomic<AsyncExtras*> extras_{nullptr};  // owned
};

/// One whose result is an R.
template <class R>
class AsyncCallFor : public AsyncCall {
public:
    using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

    /// REQUIRES: concluded. Throws the error.
    Value& value() {
        rethrow();
        return its_value();
    }

protected:
    AsyncCallFor(Callback<R>&& callback, ErrorCallback&& error_callback) {
        if (callback) {
            if constexpr (std::is_void_v<R>)
                extras().callback = std::move(callback);
            else
                extras().callback = [this, use = std::move(callback)] { use(std::as_const(its_value())); };
        }
        if (error_callback) extras().error_callback = std::move(error_callback);
    }

private:
    // REQUIRES: concluded without an error.
    virtual Value& its_value() noexcept = 0;
};

/// `pool.apply_async(f, args...)`.
/// @tparam Call  how the pool goes about it
template <template <class, class...> class Call, class F, class... Args>
class AsyncApply final : public AsyncCallFor<typename Call<F, Args...>::Result> {
    using R = typename Call<F, Args...>::Result;

public:
    AsyncApply(F function, std::tuple<Args...> arguments, TaskOptions<R> options)
        : AsyncCallFor<R>(std::move(options.callback), std::move(options.error_callback)),
          function_(std::move(function)),
          arguments_(std::move(arguments)),
          call_(function_, arguments_) {
        if (options.on_start) this->extras().on_start = std::move(options.on_start);
    }

    PoolCall& call() noexcept override { return call_; }

private:
    void take_value() override { call_.throw_first_error(); }
    typename AsyncCallFor<R>::Value& its_value() noexcept override { return call_.result(); }

    F function_;
    std::tuple<Args...> arguments_;
    Call<F, Args...> call_;
};

/// A call over items that it owns, as it does the callable.
template <template <class, class> class Call, class F, class Item>
class OwnedCall {
public:
    using Calls = Call<F, std::vector<Item>>;

    OwnedCall(F function, std::vector<Item> items)
        : function_(std::move(function)), values_(std::move(items)), items_(values_), call_(function_, items_) {}

    Calls& call() noexcept { return call_; }

private:
    F function_;
    std::vector<Item> values_;
    Items<std::vector<Item>> items_;
    Calls call_;
};

/// `pool.map_async(f, range)`, `pool.starmap_async(f, range)`: with copies of the items.
/// @tparam R  the results of the items, or their outcomes
template <template <class, class> class Call, class F, class Item, class R>
class AsyncMap final : public AsyncCallFor<R> {
public:
    AsyncMap(F function, std::vector<Item> items, MapAsyncOptions<R> options)
        : AsyncCallFor<R>(std::move(options.callback), std::move(options.error_callback)),
          owned_(std::move(function), std::move(items)) {}

    PoolCall& call() noexcept override { return owned_.call(); }

private:
    void take_value() override {
        if constexpr (requires(typename OwnedCall<Call, F, Item>::Calls & calls) { calls.take_outcomes(); })
            value_.emplace(owned_.call().take_outcomes());
        else if constexpr (std::is_void_v<R>)
            owned_.call().take();
        else
            value_.emplace(owned_.call().take());
    }
    typename AsyncCallFor<R>::Value& its_value() noexcept override { return *value_; }

    OwnedCall<Call, F, Item> owned_;
    std::optional<typename AsyncCallFor<R>::Value> value_;
};

}  // namespace cohort::detail
