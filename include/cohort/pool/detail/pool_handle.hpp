// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/async_call.hpp>
#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/detail/pool_call.hpp>
#include <cohort/pool/map_options.hpp>
#include <cohort/pool/pool_stats.hpp>

#include <sys/types.h>

#include <concepts>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string_view>
#include <vector>

namespace cohort::pool {
class Engine;
}

namespace cohort::detail {

/// What pools of every kind are: the owner of an engine. It ends when its owner goes, though results may still have it.
class COHORT_API PoolHandle {
public:
    /// No task is accepted any more; what was submitted goes on. Calling it again does nothing.
    void close();

    /// Ends the pool now. Calls that wait, and tasks that were not begun, fail with CancelledError. Workers that are
    /// processes are ended, with SIGTERM and after a second SIGKILL; threads end with the tasks that they run, which
    /// are asked to stop.
    void terminate();

    /// Waits until all workers have ended.
    /// @param timeout  how long to wait at most
    /// @returns false if the time is up
    /// @throws ValueError("Pool is still running") before close() or terminate(), unless the pool is broken: then
    ///         nothing runs, and it need not be closed
    bool join(Timeout timeout = forever);

    /// The processes that are workers now, in the order of their places. A worker that has died is replaced first.
    /// @throws ValueError  the workers are threads
    std::vector<pid_t> worker_pids();

    /// How the workers were used so far, and which items took longest. What it tells is kept for a few nanoseconds
    /// an item, whether it is called or not.
    PoolStats stats();

    /// Changes the number of workers. Further ones are started at once; those too many end after their task.
    /// @param workers  at least 1; processes at most twice as many as the pool was made with, or 16 if that is more
    /// @throws ValueError  not so many (never more than 2048; where address space is scarce not more than at first);
    /// the
    ///         pool was closed or terminated; std::system_error  a thread cannot be started
    template <std::integral Number>
    void resize(Number workers) {
        resize_to(static_cast<long>(workers));
    }

protected:
    explicit PoolHandle(std::shared_ptr<pool::Engine> engine) noexcept;
    PoolHandle(PoolHandle&& other) noexcept;
    PoolHandle& operator=(PoolHandle&& other) noexcept;
    PoolHandle(const PoolHandle&) = delete;
    PoolHandle& operator=(const PoolHandle&) = delete;
    ~PoolHandle();

    /// @throws ValueError  there are fewer than one
    static std::size_t checked_workers(long workers);
    void run(PoolCall& call, const MapOptions& options, std::shared_ptr<const void> keeper = {}) const;
    void take_on(const std::shared_ptr<AsyncCall>& call, const JobOptions& options) const;
    std::shared_ptr<pool::Engine> shared_engine() const;
    /// As Python's repr.
    std::ostream& print(std::ostream& out, std::string_view kind) const;

private:
    pool::Engine& engine() const;
    void resize_to(long workers);

    std::shared_ptr<pool::Engine> engine_;
};

/// Throws the ValueError of a call with a timeout whose items cannot be copied.
[[noreturn]] COHORT_API void refuse_timed_in_place();

}  // namespace cohort::detail
