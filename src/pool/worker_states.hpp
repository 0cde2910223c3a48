// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <typeinfo>
#include <utility>
#include <vector>

namespace cohort::pool {

/// What worker_state() gives in the thread that makes this, as long as it lives: for the thread that runs a worker's
/// tasks. The states are destroyed in the opposite order of their making.
///
/// Thread safety: for that thread. FORK: a copy of the worker has copies.
class WorkerStates {
public:
    WorkerStates() noexcept;
    ~WorkerStates();
    WorkerStates(const WorkerStates&) = delete;
    WorkerStates& operator=(const WorkerStates&) = delete;

    /// Those of the calling thread; null if it is no worker.
    static WorkerStates* current() noexcept;
    std::shared_ptr<void>& slot(const std::type_info& type);

private:
    struct Slot {
        const std::type_info* type;
        std::shared_ptr<void> state;
    };
    // By reference: the making of one may ask for another.
    std::vector<std::unique_ptr<Slot>> slots_;
    WorkerStates* const before_;
};

}  // namespace cohort::pool
