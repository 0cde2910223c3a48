// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/map_options.hpp>
#include <cohort/pool/pool_stats.hpp>

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::detail {
class AsyncCall;
class PoolCall;
}  // namespace cohort::detail

namespace cohort::pool {

class AnyJob;

/// What a pool object stands for, and what its results and streams refer to: whatever carries tasks to workers, and
/// what comes of them back.
///
/// Each takes calls of one kind only: which, its pool object sees to.
///
/// Thread safety: all members but the destructor.
/// FORK: every member throws Error in a process that did not make it.
class Engine {
public:
    virtual ~Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Carries out a call, and waits until all its items have an outcome.
    /// @param keeper  holds what the call refers to, if items that are over their time may go on without the caller;
    ///                may be null
    /// @throws Interrupted on Ctrl-C, ValueError after close(), BrokenPoolError
    virtual void run(detail::PoolCall& call, const MapOptions& options, std::shared_ptr<const void> keeper) = 0;

    /// Takes a call, and does not wait for it.
    virtual void submit(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options) = 0;
    /// @returns whether it ends with CancelledError, because of this
    virtual bool cancel(detail::AsyncCall& call) = 0;
    virtual bool is_running(const detail::AsyncCall& call) = 0;
    /// Has `use` called when the call is ready. @returns false if it is ready now
    virtual bool when_ready(detail::AsyncCall& call, std::function<void()> use) = 0;
    /// @returns false if the time is up
    virtual bool wait_for(detail::AsyncCall& call, Timeout timeout) = 0;

    /// Takes a call whose items come by and by.
    /// @param ahead  how many items it has at most; 0: as many as keep the workers busy
    virtual std::shared_ptr<AnyJob> open(const std::shared_ptr<detail::PoolCall>& call,
                                         const detail::JobOptions& options, std::size_t ahead) = 0;
    /// Adds to its items, and waits until `done`; both are called while nobody else uses the call.
    /// @returns false if the time is up
    /// @throws Interrupted; once the pool has ended and all items have been taken, what it ended with
    virtual bool exchange(AnyJob& job, detail::FunctionRef<std::size_t()> add, detail::FunctionRef<bool()> done,
                          Timeout timeout) = 0;
    /// Nothing more of it is run.
    virtual void abandon(AnyJob& job) noexcept = 0;
    /// How many of its items should be under way.
    virtual std::size_t ahead_of(const AnyJob& job) const noexcept = 0;

    /// The pool object is destroyed: all calls end now, also those of threads that still have this.
    virtual void retire() noexcept = 0;
    virtual void close() = 0;
    virtual void terminate() = 0;
    /// @returns false if the time is up
    virtual bool join(Timeout timeout) = 0;
    virtual std::vector<pid_t> worker_pids() = 0;
    virtual PoolStats stats() = 0;
    /// @throws ValueError  there cannot be so many; what run() throws
    virtual void resize(long workers) = 0;
    /// As Python's repr.
    /// @param kind  the name of the class
    virtual std::string repr(std::string_view kind) const = 0;

protected:
    Engine() = default;
};

}  // namespace cohort::pool
