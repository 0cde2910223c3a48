// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/cure.hpp>  // first: its errors then name few files

#include <cohort/base/export.hpp>
#include <cohort/base/stored_call.hpp>
#include <cohort/pool/detail/in_processes.hpp>
#include <cohort/pool/detail/pool_interface.hpp>
#include <cohort/pool/pool_options.hpp>
#include <cohort/process/target.hpp>

#include <concepts>
#include <iosfwd>
#include <memory>
#include <utility>

namespace cohort {

/// Worker processes that run tasks (multiprocessing.Pool).
///
/// A task is a function, a lambda whose captures are trivially copyable, a functor that the codec can serialize, or a
/// `partial`; its arguments and its result are what the codec can serialize. Tasks start in the order of submission,
/// each by the next worker that is free. An exception that a task throws is thrown again by the call that submitted it.
///
/// Its calls, `apply`, `map`, `imap` and so on, are those of detail::PoolInterface; what ends it is in
/// detail::PoolHandle.
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
class COHORT_API Pool : public detail::PoolInterface<detail::InProcesses> {
public:
    /// As many workers as cpu_count().
    Pool();

    /// @param processes  the number of workers
    /// @throws ValueError if it is less than 1; otherwise as Pool(PoolOptions)
    template <std::integral Number>
    explicit Pool(Number processes) : Pool(PoolOptions{.processes = checked_workers(static_cast<long>(processes))}) {}

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
    /// As terminate() and join().
    ~Pool();

    /// `<Pool state=RUN pool_size=2>`, as Python's repr; BROKEN is cohort's own state.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const Pool& pool);

private:
    Pool(PoolOptions options, std::unique_ptr<detail::Target> initializer);
};

}  // namespace cohort
