// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/cure.hpp>  // first: its errors then name few files

#include <cohort/base/export.hpp>
#include <cohort/base/stored_call.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/async_result.hpp>
#include <cohort/pool/detail/async_call.hpp>
#include <cohort/pool/detail/calls.hpp>
#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/detail/stream.hpp>
#include <cohort/pool/detail/task_check.hpp>
#include <cohort/pool/imap_iterator.hpp>
#include <cohort/pool/imap_options.hpp>
#include <cohort/pool/map_options.hpp>
#include <cohort/pool/outcome.hpp>
#include <cohort/pool/pool_options.hpp>
#include <cohort/pool/pool_stats.hpp>
#include <cohort/pool/task_options.hpp>
#include <cohort/process/target.hpp>
#include <cohort/serial/arguments.hpp>

#include <sys/types.h>

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <ranges>
#include <utility>
#include <variant>
#include <vector>

namespace cohort {

namespace pool {
class Core;
}

/// A fixed number of worker processes that run tasks (multiprocessing.Pool).
///
/// A task is a function, a lambda whose captures are trivially copyable, a functor that the codec can serialize, or a
/// `partial`; its arguments and its result are what the codec can serialize. Tasks start in the order of submission,
/// each by the next worker that is free. An exception that a task throws is thrown again by the call that submitted it.
///
/// The constructor starts one more process, the nursery, from which all workers come: with StartMethod::fork workers,
/// also later ones, see the memory of this process as it was when the pool was constructed. The nursery and the workers
/// end when this process does, however it ends.
///
/// Thread safety: all members but move and destruction may be called by several threads at once.
/// FORK: in a child that did not make the pool every member throws Error; the destructor leaves the pool alone.
/// DEATH: a worker that dies fails the one task that it was running, with WorkerLostError, or runs it again if the call
/// allows `.retries`; a new worker takes its place. When five workers in a row die, or fail in their initializer,
/// before they are ready for tasks, or the nursery dies, the pool is broken: waiting and later calls throw
/// BrokenPoolError.
class COHORT_API Pool {
public:
    /// As many workers as cpu_count().
    Pool();

    /// @param processes  the number of workers
    /// @throws ValueError if it is less than 1; otherwise as Pool(PoolOptions)
    template <std::integral Number>
    explicit Pool(Number processes) : Pool(PoolOptions{.processes = checked_processes(static_cast<long>(processes))}) {}

    /// @throws std::system_error if the workers cannot be started; nothing is left then
    /// @throws Error in a daemonic process, which may not have children; 16 pools deep in tasks of pools
    explicit Pool(PoolOptions options);

    /// Each worker, replacements included, calls `initializer(arguments...)` before its first task.
    /// @throws SerializationError if a fresh image is to be started and something cannot cross to it
    /// @throws ValueError if the initializer is a null pointer
    template <class F, class... Args>
    Pool(PoolOptions options, F&& initializer, Args&&... arguments)
        : Pool(std::move(options),
               detail::make_target(std::forward<F>(initializer), std::forward<Args>(arguments)...)) {
        using Unstorable = detail::storing_fault_t<F, Args...>;
        Unstorable::explain();
        static_assert(Unstorable::exists || detail::is_target_v<F, Args...>,
                      "cohort::Pool: the initializer cannot be called with these arguments");
    }

    Pool(Pool&& other) noexcept;
    Pool& operator=(Pool&& other) noexcept;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    /// As terminate() and join().
    ~Pool();

    /// Runs `f(arguments...)` in a worker and waits for it.
    /// @returns what the task returned
    /// @throws what the task threw; SerializationError if the task or its result cannot cross; WorkerLostError if its
    ///         worker died; BrokenPoolError; Interrupted on Ctrl-C; ValueError("Pool not running") after close();
    ///         ValueError if `f` is a null pointer
    template <class F, class... Args>
    auto apply(F&& f, Args&&... arguments) {
        using Check = detail::ApplyCheck<std::decay_t<F>, Args...>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return detail::unmade<typename Check::Result>();
        } else {
            std::tuple<detail::stored_t<Args>...> stored(std::forward<Args>(arguments)...);
            const std::decay_t<F>& function = f;
            serial::refuse_null(function);
            detail::ApplyCall<std::decay_t<F>, detail::stored_t<Args>...> call(function, stored);
            run(call, {});
            return call.take_one();
        }
    }

    /// Runs `f(item)` for each item of the range and waits for all of them.
    /// @param range  any input range; read once, here
    /// @returns the results in the order of the items; nothing if `f` returns nothing
    /// @throws the error of the first item that failed, once all others have ended; otherwise as apply()
    template <class F, std::ranges::input_range Range>
    auto map(F&& f, Range&& range, const MapOptions& options = {}) {
        using Check = detail::MapCheckOver<F, Range>;
        return run_over<detail::MapCall, Check>(f, range, options, [](auto& call) { return call.take(); });
    }
    /// map() over a list in braces.
    template <class F, class Item>
    auto map(F&& f, std::initializer_list<Item> items, const MapOptions& options = {}) {
        using Check = detail::MapCheckOver<F, std::initializer_list<Item>>;
        return run_over<detail::MapCall, Check>(f, items, options, [](auto& call) { return call.take(); });
    }
    /// map() that throws no error of an item.
    /// @returns an Outcome for each item, in their order
    template <class F, std::ranges::input_range Range>
    auto map(F&& f, Range&& range, Collect, const MapOptions& options = {}) {
        using Check = detail::MapCheckOver<F, Range>;
        return run_over<detail::CollectingMap, Check>(f, range, options,
                                                      [](auto& call) { return call.take_outcomes(); });
    }
    /// The same over a list in braces.
    template <class F, class Item>
    auto map(F&& f, std::initializer_list<Item> items, Collect, const MapOptions& options = {}) {
        return map(std::forward<F>(f), std::vector<Item>(items), collect, options);
    }

    /// As map(), with items that are tuples of arguments (`std::tuple`, `std::pair`, `std::array`).
    template <class F, std::ranges::input_range Range>
    auto starmap(F&& f, Range&& range, const MapOptions& options = {}) {
        using Check = detail::StarmapCheckOver<F, Range>;
        return run_over<detail::StarmapCall, Check>(f, range, options, [](auto& call) { return call.take(); });
    }
    /// starmap() over a list in braces.
    template <class F, class Item>
    auto starmap(F&& f, std::initializer_list<Item> items, const MapOptions& options = {}) {
        using Check = detail::StarmapCheckOver<F, std::initializer_list<Item>>;
        return run_over<detail::StarmapCall, Check>(f, items, options, [](auto& call) { return call.take(); });
    }
    /// starmap() that throws no error of an item.
    /// @returns an Outcome for each item, in their order
    template <class F, std::ranges::input_range Range>
    auto starmap(F&& f, Range&& range, Collect, const MapOptions& options = {}) {
        using Check = detail::StarmapCheckOver<F, Range>;
        return run_over<detail::CollectingStarmap, Check>(f, range, options,
                                                          [](auto& call) { return call.take_outcomes(); });
    }
    /// The same over a list in braces.
    template <class F, class Item>
    auto starmap(F&& f, std::initializer_list<Item> items, Collect, const MapOptions& options = {}) {
        return starmap(std::forward<F>(f), std::vector<Item>(items), collect, options);
    }

    /// Runs `f(arguments...)` in a worker; does not wait for it.
    /// @returns where the result will be
    /// @throws ValueError("Pool not running") after close(); BrokenPoolError; SerializationError if the callable cannot
    ///         cross; ValueError if `f` is a null pointer. That arguments cannot cross is an error of the result
    template <class F, class... Args>
    requires(!detail::is_arguments_v<std::remove_cvref_t<Args>> && ...) auto apply_async(F&& f, Args&&... arguments) {
        using Check = detail::ApplyCheck<std::decay_t<F>, Args...>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists)
            return detail::unmade<AsyncResult<typename Check::Result>>();
        else
            return apply_async(std::forward<F>(f), args(std::forward<Args>(arguments)...));
    }
    /// The same with options.
    /// @param arguments  made by cohort::args()
    template <class F, class... Args>
    auto apply_async(F&& f, Arguments<Args...> arguments,
                     TaskOptions<typename detail::TaskCheck<std::decay_t<F>, Args...>::Result> options = {}) {
        using Check = detail::TaskCheck<std::decay_t<F>, Args...>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return detail::unmade<AsyncResult<typename Check::Result>>();
        } else {
            using Call = detail::AsyncApply<std::decay_t<F>, Args...>;
            const std::decay_t<F>& function = f;
            serial::refuse_null(function);
            const detail::JobOptions how = detail::job_options(options);
            auto call = std::make_shared<Call>(function, std::move(arguments.values), std::move(options));
            take_on(call, how);
            return AsyncResult<typename Check::Result>(std::move(call));
        }
    }
    /// apply_async(), as concurrent.futures names it.
    template <class F, class... Args>
    auto submit(F&& f, Args&&... arguments) {
        return apply_async(std::forward<F>(f), std::forward<Args>(arguments)...);
    }

    /// As map(); does not wait.
    /// @param range  any input range; its items are copied, here
    /// @returns where the results will be: all of them, or the error of the first item that failed
    /// @throws as apply_async()
    template <class F, std::ranges::input_range Range>
    auto map_async(F&& f, Range&& range, detail::MapAsyncOptionsFor<detail::MapCheckOver<F, Range>> options = {}) {
        return submit_over<detail::MapCall, detail::MapCheckOver<F, Range>>(f, range, std::move(options));
    }
    /// map_async() over a list in braces.
    template <class F, class Item>
    auto map_async(F&& f, std::initializer_list<Item> items,
                   detail::MapAsyncOptionsFor<detail::MapCheckOver<F, std::vector<Item>>> options = {}) {
        return map_async(std::forward<F>(f), std::vector<Item>(items), std::move(options));
    }

    /// As starmap(); does not wait. As map_async() in all else.
    template <class F, std::ranges::input_range Range>
    auto starmap_async(F&& f, Range&& range,
                       detail::MapAsyncOptionsFor<detail::StarmapCheckOver<F, Range>> options = {}) {
        return submit_over<detail::StarmapCall, detail::StarmapCheckOver<F, Range>>(f, range, std::move(options));
    }
    /// starmap_async() over a list in braces.
    template <class F, class Item>
    auto starmap_async(F&& f, std::initializer_list<Item> items,
                       detail::MapAsyncOptionsFor<detail::StarmapCheckOver<F, std::vector<Item>>> options = {}) {
        return starmap_async(std::forward<F>(f), std::vector<Item>(items), std::move(options));
    }

    /// Runs `f(item)` for each item of the range, whose items it reads as they are needed; the results come one after
    /// the other, in the order of the items.
    /// @param range  any input range, also an endless one; one that is not given as an rvalue must outlive the results
    /// @throws ValueError  chunks of no items; otherwise as apply_async()
    template <class F, std::ranges::input_range Range>
    auto imap(F&& f, Range&& range, const ImapOptions& options = {}) {
        return stream_over<std::decay_t<F>>(f, std::forward<Range>(range), true, options);
    }
    /// imap() over a list in braces.
    template <class F, class Item>
    auto imap(F&& f, std::initializer_list<Item> items, const ImapOptions& options = {}) {
        return imap(std::forward<F>(f), std::vector<Item>(items), options);
    }
    /// As imap(); the results come in the order in which tasks end.
    template <class F, std::ranges::input_range Range>
    auto imap_unordered(F&& f, Range&& range, const ImapOptions& options = {}) {
        return stream_over<std::decay_t<F>>(f, std::forward<Range>(range), false, options);
    }
    /// imap_unordered() over a list in braces.
    template <class F, class Item>
    auto imap_unordered(F&& f, std::initializer_list<Item> items, const ImapOptions& options = {}) {
        return imap_unordered(std::forward<F>(f), std::vector<Item>(items), options);
    }

    /// No task is accepted any more; what was submitted goes on. Calling it again does nothing.
    void close();

    /// Ends the workers at once, with SIGTERM and after a second SIGKILL. Calls that wait throw CancelledError.
    void terminate();

    /// Waits until all workers have ended.
    /// @param timeout  how long to wait at most
    /// @returns false if the time is up
    /// @throws ValueError("Pool is still running") before close() or terminate()
    bool join(Timeout timeout = forever);

    /// The workers that run now, in the order of their places. A worker that has died is replaced first.
    std::vector<pid_t> worker_pids();

    /// How the workers were used so far, and which items took longest. Costs nothing while it is not called.
    PoolStats stats();

    /// Changes the number of workers. Further ones are started at once; those too many end after their task.
    /// @param workers  at least 1; at most twice as many as the pool was made with, or 16 if that is more
    /// @throws ValueError  not so many; the pool was closed or terminated
    template <std::integral Number>
    void resize(Number workers) {
        resize_to(static_cast<long>(workers));
    }

    /// `<Pool state=RUN pool_size=2>`, as Python's repr.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const Pool& pool);

private:
    Pool(PoolOptions options, std::unique_ptr<detail::Target> initializer);
    static std::size_t checked_processes(long processes);
    pool::Core& core() const;
    void resize_to(long workers);
    void run(detail::PoolCall& call, const MapOptions& options);
    void take_on(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options);

    template <template <class, class> class Call, class Check, class F, class Range, class Options>
    auto submit_over(const F& function, Range& range, Options options) {
        using R = detail::results_t<typename Check::Result>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return detail::unmade<AsyncResult<R>>();
        } else {
            using Item = std::ranges::range_value_t<Range>;
            const std::decay_t<F>& callable = function;  // a pointer, if it is a function
            serial::refuse_null(callable);
            std::vector<Item> items;
            for (auto&& item : range) items.push_back(std::forward<decltype(item)>(item));
            const detail::JobOptions how = detail::job_options(options);
            auto call = std::make_shared<detail::AsyncMap<Call, std::decay_t<F>, Item>>(callable, std::move(items),
                                                                                        std::move(options));
            take_on(call, how);
            return AsyncResult<R>(std::move(call));
        }
    }

    // `take` makes what the call returns of it.
    template <template <class, class> class Call, class Check, class F, class Range, class Take>
    auto run_over(const F& function, Range& range, const MapOptions& options, Take take) {
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return detail::unmade<detail::results_t<typename Check::Result>>();
        } else {
            const std::decay_t<F>& callable = function;  // a pointer, if it is a function
            serial::refuse_null(callable);
            detail::Items<Range> items(range);
            Call<std::decay_t<F>, Range> call(callable, items);
            run(call, options);
            return take(call);
        }
    }

    template <class F, class Range>
    auto stream_over(const F& function, Range&& range, bool ordered, const ImapOptions& options) {
        using Check = detail::MapCheckOver<F, Range>;
        using R = std::conditional_t<std::is_void_v<typename Check::Result>, std::monostate, typename Check::Result>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists) {
            return detail::unmade<ImapIterator<R>>();
        } else {
            serial::refuse_null(function);
            return ImapIterator<R>(std::make_unique<detail::StreamedMap<F, Range>>(
                shared_core(), function, std::forward<Range>(range), ordered, detail::job_options(options),
                options.buffersize));
        }
    }
    std::shared_ptr<pool::Core> shared_core() const;

    std::shared_ptr<pool::Core> core_;
};

}  // namespace cohort
