// SPDX-License-Identifier: MIT
#pragma once

#include "os/helper_thread.hpp"
#include "pool/dispatcher.hpp"
#include "pool/engine.hpp"
#include "pool/memory.hpp"
#include "pool/nursery_link.hpp"

#include <cohort/pool/map_options.hpp>
#include <cohort/pool/pool_options.hpp>
#include <cohort/process/target.hpp>

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::pool {

/// The engine of a Pool: the shared memory, the nursery, and the dispatcher between callers and workers.
///
/// Thread safety: all members but the destructor.
/// FORK: every member throws Error in a process that did not make it; its destructor lets go of descriptors and memory
/// that is mapped, and leaves the rest as it is: another thread of the parent may have been changing it.
class Core final : public Engine, public std::enable_shared_from_this<Core> {
public:
    /// @param initializer  may be null
    Core(PoolOptions options, std::unique_ptr<detail::Target> initializer);
    ~Core() override;

    void run(detail::PoolCall& call, const MapOptions& options, std::shared_ptr<const void> keeper) override;
    void submit(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options) override;
    bool cancel(detail::AsyncCall& call) override;
    bool is_running(const detail::AsyncCall& call) override;
    bool when_ready(detail::AsyncCall& call, std::function<void()> use) override;
    bool wait_for(detail::AsyncCall& call, Timeout timeout) override;
    std::shared_ptr<AnyJob> open(const std::shared_ptr<detail::PoolCall>& call, const detail::JobOptions& options,
                                 std::size_t ahead) override;
    bool exchange(AnyJob& job, detail::FunctionRef<std::size_t()> add, detail::FunctionRef<bool()> done,
                  Timeout timeout) override;
    void abandon(AnyJob& job) noexcept override;
    std::size_t ahead_of(const AnyJob& job) const noexcept override;
    void retire() noexcept override;
    void close() override;
    void terminate() override;
    bool join(Timeout timeout) override;
    std::vector<pid_t> worker_pids() override;
    PoolStats stats() override;
    void resize(long workers) override;
    std::string repr(std::string_view kind) const override;

private:
    void require_owner() const;
    NurseryPlan plan(detail::Target* initializer) const;
    static void serve(void* its_own) noexcept;
    serial::Target target() const noexcept;
    bool waits_without_job(detail::PoolCall& call, const detail::JobOptions& options) const;
    void start_service();
    std::shared_ptr<Job> job_of(detail::PoolCall& call, const detail::JobOptions& options, bool streams = false) const;

    const PoolOptions options_;
    std::atomic<std::size_t> workers_{options_.processes};
    const pid_t owner_;
    const Memory memory_;
    const shm::Owner parent_;
    NurseryLink nursery_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::once_flag serving_;
    std::atomic<bool> is_served_{false};
    std::optional<os::QuietThread> quiet_;
    std::unique_ptr<os::HelperThread> server_;
};

}  // namespace cohort::pool
