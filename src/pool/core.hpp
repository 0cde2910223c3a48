// SPDX-License-Identifier: MIT
#pragma once

#include "pool/dispatcher.hpp"
#include "pool/memory.hpp"
#include "pool/nursery_link.hpp"

#include <cohort/pool/map_options.hpp>
#include <cohort/pool/pool_options.hpp>
#include <cohort/process/target.hpp>

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace cohort::detail {
class PoolCall;
}

namespace cohort::pool {

/// What a Pool object stands for: the shared memory, the nursery, and the dispatcher between callers and workers.
///
/// Thread safety: all members but the destructor.
/// FORK: every member throws Error in a process that did not make it; its destructor only lets go.
class Core {
public:
    /// @param initializer  may be null
    Core(PoolOptions options, std::unique_ptr<detail::Target> initializer);
    ~Core();

    void run(detail::PoolCall& call, const MapOptions& options);
    void close();
    void terminate();
    void join();
    std::vector<pid_t> worker_pids();
    std::string repr() const;

private:
    void require_owner() const;
    NurseryPlan plan(detail::Target* initializer) const;

    const PoolOptions options_;
    const pid_t owner_;
    const Memory memory_;
    const shm::Owner parent_;
    NurseryLink nursery_;
    Dispatcher dispatcher_;
};

}  // namespace cohort::pool
