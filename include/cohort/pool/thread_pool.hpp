// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/stored_call.hpp>
#include <cohort/pool/detail/in_threads.hpp>
#include <cohort/pool/detail/pool_interface.hpp>
#include <cohort/pool/pool_options.hpp>
#include <cohort/serial/callable.hpp>

#include <concepts>
#include <functional>
#include <iosfwd>
#include <memory>
#include <tuple>
#include <utility>

namespace cohort {

/// Threads that run tasks, with the interface of Pool: for work that waits on I/O
/// (multiprocessing.pool.ThreadPool).
///
/// Nothing is sent: tasks are any callables, with captures by reference too, and arguments and results are of any
/// types. A callable is copied once for each call, or moved in, and all threads call that copy. The arguments of
/// `apply` and its kind are stored copies. The items of `map` and `starmap` stay where they are: a task that takes its
/// item by reference has the item itself, and one that takes a move-only item by value moves it out of the range.
/// `map_async`, `imap`, and a `map` with a timeout copy items. An exception arrives as it was thrown.
///
/// What differs from Pool, since a thread cannot be ended:
/// - A task may take a `std::stop_token` before its arguments, unless it can be called without. It says when nobody
///   waits for the task any more: its call was cancelled, the task is over its time, or the pool was terminated.
/// - Calls and iterators return when their tasks that run have ended, also after Ctrl-C, so that tasks may refer to
///   what the caller has. A second Ctrl-C ends the program.
/// - `.timeout`: the task fails with TimeoutError at its time, and its thread finishes it; nobody waits for that but
///   join() and the destructor. What such a task refers to has to live as long as the pool.
/// - AsyncResult::cancel(): a task that runs is asked to stop, and goes on to its end. If nothing of the call is
/// waiting
///   that is all, and false is returned; what waits is dropped, and the call ends with CancelledError when what runs
///   has ended.
/// - terminate() drops tasks that wait and asks those that run to stop; join() and the destructor wait for them.
/// - `.retries` are for errors that `.retry_if` chooses, a timeout among them, since threads do not die: without it
/// they
///   are a ValueError; so they are for arguments that cannot be copied.
/// - Of the options `.processes`, `.name` and `.worker_exit` are for threads; the others, and worker_pids(), are a
///   ValueError.
///
/// A task that waits for another one of the same pool takes up a thread meanwhile.
///
/// Thread safety: all members but move and destruction may be called by several threads at once; also by tasks, which
/// may even destroy the pool, but not join() it.
/// FORK: in a child that did not make the pool every member throws Error; the destructor leaves the pool alone. A child
/// that a task has forked ends when the task returns in it.
/// DEATH: a task that ends its process ends all.
class COHORT_API ThreadPool : public detail::PoolInterface<detail::InThreads> {
public:
    /// As many threads as cpu_count().
    ThreadPool();

    /// @param threads  the number of threads
    /// @throws ValueError if it is less than 1; otherwise as ThreadPool(PoolOptions)
    template <std::integral Number>
    explicit ThreadPool(Number threads)
        : ThreadPool(PoolOptions{.processes = checked_workers(static_cast<long>(threads))}) {}

    /// @param options  `.processes` is the number of threads
    /// @throws std::system_error if the threads cannot be started; nothing is left then
    /// @throws ValueError  options for processes
    explicit ThreadPool(PoolOptions options);

    /// Each thread calls `initializer(arguments...)` before its first task, with copies of the arguments, perhaps while
    /// others do. If it throws it is called again; after five errors in a row with no task finished in between the pool
    /// is broken: waiting and later calls throw BrokenPoolError.
    /// @throws ValueError if the initializer is a null pointer
    template <class F, class... Args>
    ThreadPool(PoolOptions options, F&& initializer, Args&&... arguments)
        : ThreadPool(std::move(options),
                     initializer_of(std::forward<F>(initializer), std::forward<Args>(arguments)...)) {}

    ThreadPool(ThreadPool&& other) noexcept;
    ThreadPool& operator=(ThreadPool&& other) noexcept;
    /// As terminate() and join().
    ~ThreadPool();

    /// `<ThreadPool state=RUN pool_size=2>`, as Python's repr; BROKEN is cohort's own state.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const ThreadPool& pool);

private:
    struct WithInitializer {
        std::function<void()> call;
    };

    ThreadPool(PoolOptions options, WithInitializer initializer);

    template <class F, class... Args>
    static WithInitializer initializer_of(F&& function, Args&&... arguments) {
        using Task = detail::LocalTask<std::decay_t<F>, detail::stored_t<Args>...>;
        static_assert(Task::exists && !Task::takes_stop_token,
                      "cohort::ThreadPool: the initializer cannot be called with these arguments");
        static_assert(detail::are_copyable_v<detail::stored_t<Args>...>,
                      "cohort::ThreadPool: each thread gets copies of the initializer's arguments, and these cannot be "
                      "copied");
        serial::refuse_null(function);
        struct Stored {
            std::decay_t<F> function;
            std::tuple<detail::stored_t<Args>...> arguments;
        };
        auto stored = std::make_shared<Stored>(
            Stored{std::forward<F>(function), detail::store_arguments(std::forward<Args>(arguments)...)});
        return {[stored = std::move(stored)] {
            auto copies = stored->arguments;
            Task::call(stored->function, copies, {});
        }};
    }
};

}  // namespace cohort
