// SPDX-License-Identifier: MIT
#pragma once

#include "os/helper_thread.hpp"
#include "pool/dispatcher.hpp"
#include "pool/memory.hpp"
#include "pool/nursery_link.hpp"

#include <cohort/pool/detail/stream.hpp>
#include <cohort/pool/map_options.hpp>
#include <cohort/pool/pool_options.hpp>
#include <cohort/process/target.hpp>

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cohort::detail {
class AsyncCall;
class PoolCall;
}  // namespace cohort::detail

namespace cohort::pool {

/// What a Pool object stands for: the shared memory, the nursery, and the dispatcher between callers and workers.
///
/// Thread safety: all members but the destructor.
/// FORK: every member throws Error in a process that did not make it; its destructor only lets go.
class Core : public std::enable_shared_from_this<Core> {
public:
    /// @param initializer  may be null
    Core(PoolOptions options, std::unique_ptr<detail::Target> initializer);
    ~Core();

    void run(detail::PoolCall& call, const MapOptions& options);
    void submit(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options);
    bool cancel(detail::AsyncCall& call);
    bool is_running(const detail::AsyncCall& call);
    bool when_ready(detail::AsyncCall& call, std::function<void()> use);
    bool wait_for(const detail::AsyncCall& call, Timeout timeout);
    std::shared_ptr<Job> open(detail::PoolCall& call, const detail::JobOptions& options, std::size_t ahead);
    bool exchange(Job& job, detail::FunctionRef<std::size_t()> add, detail::FunctionRef<bool()> done, Timeout timeout);
    void abandon(Job& job) noexcept;
    /// How many of its items should be under way.
    std::size_t ahead_of(const Job& job) const noexcept;
    /// The pool is destroyed: all calls end now, also those of threads that still have this.
    void retire() noexcept;
    void close();
    void terminate();
    bool join(Timeout timeout);
    std::vector<pid_t> worker_pids();
    PoolStats stats();
    void resize(long workers);
    std::string repr() const;

private:
    void require_owner() const;
    NurseryPlan plan(detail::Target* initializer) const;
    static void serve(void* its_own) noexcept;
    serial::Target target() const noexcept;

    const PoolOptions options_;
    const pid_t owner_;
    const Memory memory_;
    const shm::Owner parent_;
    NurseryLink nursery_;
    Dispatcher dispatcher_;
    std::once_flag serving_;
    std::optional<os::QuietThread> quiet_;
    std::unique_ptr<os::HelperThread> server_;
};

}  // namespace cohort::pool
