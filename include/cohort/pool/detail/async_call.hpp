// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/calls.hpp>
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

/// A call that a pool carries out while its caller goes on. It has what it needs: callable, arguments, callbacks.
///
/// It begins open, is concluded when every item has an outcome, and ready when its callback has returned.
///
/// Thread safety: the members for the pool are called with the pool's mutex held, but for those that call what is the
/// user's, which one thread calls; the others are safe.
class COHORT_API AsyncCall {
public:
    virtual ~AsyncCall();
    AsyncCall(const AsyncCall&) = delete;
    AsyncCall& operator=(const AsyncCall&) = delete;

    /// @returns false if the time is up
    bool wait(Timeout timeout) const;
    /// @throws TimeoutError
    void wait_or_throw(Timeout timeout) const;
    bool ready() const noexcept { return ready_.load(std::memory_order_acquire); }
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
    void belong_to(const std::shared_ptr<pool::Engine>& engine) noexcept { engine_ = engine; }
    std::shared_ptr<pool::Engine> engine() const noexcept { return engine_.lock(); }
    /// What the pool has it as, as long as it is open.
    void set_job(pool::AnyJob* job) noexcept { job_ = job; }
    pool::AnyJob* job() const noexcept { return job_; }
    /// It ends with this error, whatever its items come to. REQUIRES: not concluded.
    void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }
    /// Every item has an outcome, or fail() has been called: now the call has one.
    void conclude() noexcept;
    bool concluded() const noexcept { return concluded_.load(std::memory_order_acquire); }
    /// Whether there is something to be called. REQUIRES: concluded.
    bool has_callback() const noexcept { return error_ ? error_callback_ != nullptr : has_value_callback(); }
    /// Calls it. What it throws is logged.
    void run_callback() noexcept;
    /// Its result may be had.
    void set_ready() noexcept { ready_.store(true, std::memory_order_release); }
    /// REQUIRES: not ready.
    void add_continuation(std::function<void()> use) { continuations_.push_back(std::move(use)); }
    bool has_continuations() const noexcept { return !continuations_.empty(); }
    /// Calls what waits for it to be ready. What that throws is logged. REQUIRES: ready.
    void run_continuations() noexcept;
    /// A worker has begun with it.
    virtual void run_start_callback() noexcept {}
    virtual bool has_start_callback() const noexcept { return false; }

protected:
    explicit AsyncCall(ErrorCallback error_callback) noexcept : error_callback_(std::move(error_callback)) {}

private:
    // Takes the results; throws the error.
    virtual void take_value() = 0;
    virtual bool has_value_callback() const noexcept = 0;
    virtual void run_value_callback() = 0;

    std::weak_ptr<pool::Engine> engine_;
    const ErrorCallback error_callback_;
    std::exception_ptr error_;
    pool::AnyJob* job_ = nullptr;
    std::vector<std::function<void()>> continuations_;
    std::shared_ptr<os::Eventfd> sentinel_;
    std::atomic<bool> concluded_{false};
    std::atomic<bool> ready_{false};
};

/// One whose result is an R.
template <class R>
class AsyncCallFor : public AsyncCall {
    using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

public:
    /// REQUIRES: concluded. Throws the error.
    Value& value() {
        rethrow();
        return *value_;
    }

protected:
    AsyncCallFor(Callback<R> callback, ErrorCallback error_callback)
        : AsyncCall(std::move(error_callback)), callback_(std::move(callback)) {}

    template <class Take>
    void keep(Take&& take) {
        if constexpr (std::is_void_v<R>)
            take();
        else
            value_.emplace(take());
    }

private:
    bool has_value_callback() const noexcept final { return callback_ != nullptr; }
    void run_value_callback() final {
        if constexpr (std::is_void_v<R>)
            callback_();
        else
            callback_(std::as_const(*value_));
    }

    const Callback<R> callback_;
    std::optional<Value> value_;
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
          on_start_(std::move(options.on_start)),
          call_(function_, arguments_) {}

    PoolCall& call() noexcept override { return call_; }
    void run_start_callback() noexcept override { call_logged(on_start_); }
    bool has_start_callback() const noexcept override { return on_start_ != nullptr; }

private:
    void take_value() override {
        this->keep([&] { return call_.take_one(); });
    }

    F function_;
    std::tuple<Args...> arguments_;
    const std::function<void()> on_start_;
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
            this->keep([&] { return owned_.call().take_outcomes(); });
        else
            this->keep([&] { return owned_.call().take(); });
    }

    OwnedCall<Call, F, Item> owned_;
};

}  // namespace cohort::detail
