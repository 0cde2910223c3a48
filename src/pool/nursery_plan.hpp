// SPDX-License-Identifier: MIT
#pragma once

#include "pool/task_handles.hpp"
#include "pool/worker.hpp"
#include "process/child_identity.hpp"

#include <cohort/process/start_method.hpp>
#include <cohort/process/target.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace cohort::pool {

/// A call that workers make, which may be missing: the object for copies of the process that made it, its bytes for
/// fresh images.
struct PlannedCall {
    detail::Target* here = nullptr;
    std::vector<std::byte> bytes{};
    std::shared_ptr<TaskHandles> handles{};  ///< that the bytes name

    void make() const;
    /// @throws SerializationError if it cannot cross
    void encode();
};

/// What the nursery needs to know to make workers.
struct NurseryPlan {
    process::ChildIdentity identity{};  ///< of the nursery; workers' are made of it
    std::string worker_name{};          ///< workers are `<worker_name>-1`, …
    WorkerOrder order{};                ///< what is the same for all workers
    StartMethod method = StartMethod::fork;
    std::map<std::string, std::string> env{};  ///< set in workers before the initializer
    PlannedCall initializer{};
    PlannedCall exit{};
};

void write_plan(serial::Sink& sink, const NurseryPlan& plan);
NurseryPlan read_plan(serial::Source& in);

/// The identity of the worker with this number.
process::ChildIdentity worker_identity(const NurseryPlan& plan, unsigned number);

}  // namespace cohort::pool
