// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/cure.hpp>  // first: its errors then name few files

#include <cohort/base/export.hpp>
#include <cohort/base/stored_call.hpp>
#include <cohort/pool/detail/calls.hpp>
#include <cohort/pool/detail/task_check.hpp>
#include <cohort/pool/map_options.hpp>
#include <cohort/pool/pool_options.hpp>
#include <cohort/process/target.hpp>

#include <sys/types.h>

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <ranges>
#include <utility>
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
    /// @throws Error in a daemonic process, which may not have children
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
        using Check = detail::MapCheck<std::decay_t<F>, std::ranges::range_value_t<Range>>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists)
            return detail::unmade<detail::results_t<typename Check::Result>>();
        else
            return run_over<detail::MapCall>(f, range, options);
    }
    /// map() over a list in braces.
    template <class F, class Item>
    auto map(F&& f, std::initializer_list<Item> items, const MapOptions& options = {}) {
        using Check = detail::MapCheck<std::decay_t<F>, Item>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists)
            return detail::unmade<detail::results_t<typename Check::Result>>();
        else
            return run_over<detail::MapCall>(f, items, options);
    }

    /// As map(), with items that are tuples of arguments (`std::tuple`, `std::pair`, `std::array`).
    template <class F, std::ranges::input_range Range>
    auto starmap(F&& f, Range&& range, const MapOptions& options = {}) {
        using Check = detail::StarmapCheck<std::decay_t<F>, std::ranges::range_value_t<Range>>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists)
            return detail::unmade<detail::results_t<typename Check::Result>>();
        else
            return run_over<detail::StarmapCall>(f, range, options);
    }
    /// starmap() over a list in braces.
    template <class F, class Item>
    auto starmap(F&& f, std::initializer_list<Item> items, const MapOptions& options = {}) {
        using Check = detail::StarmapCheck<std::decay_t<F>, Item>;
        Check::Fault::explain();
        if constexpr (Check::Fault::exists)
            return detail::unmade<detail::results_t<typename Check::Result>>();
        else
            return run_over<detail::StarmapCall>(f, items, options);
    }

    /// No task is accepted any more; what was submitted goes on. Calling it again does nothing.
    void close();

    /// Ends the workers at once, with SIGTERM and after a second SIGKILL. Calls that wait throw CancelledError.
    void terminate();

    /// Waits until all workers have ended.
    /// @throws ValueError("Pool is still running") before close() or terminate()
    void join();

    /// The workers that run now, in the order of their places. A worker that has died is replaced first.
    std::vector<pid_t> worker_pids();

    /// `<Pool state=RUN pool_size=2>`, as Python's repr.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const Pool& pool);

private:
    Pool(PoolOptions options, std::unique_ptr<detail::Target> initializer);
    static std::size_t checked_processes(long processes);
    pool::Core& core() const;
    void run(detail::PoolCall& call, const MapOptions& options);

    template <template <class, class> class Call, class F, class Range>
    auto run_over(const F& function, Range& range, const MapOptions& options) {
        const std::decay_t<F>& callable = function;  // a pointer, if it is a function
        serial::refuse_null(callable);
        detail::Items<Range> items(range);
        Call<std::decay_t<F>, Range> call(callable, items);
        run(call, options);
        return call.take();
    }

    std::unique_ptr<pool::Core> core_;
};

}  // namespace cohort
