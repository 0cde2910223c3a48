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
#include <memory>
#include <string>
#include <vector>

namespace cohort::pool {

/// What the nursery needs to know to make workers.
struct NurseryPlan {
    process::ChildIdentity identity{};  ///< of the nursery; workers' are made of it
    std::string worker_name{};          ///< workers are `<worker_name>-1`, …
    WorkerOrder order{};                ///< what is the same for all workers
    StartMethod method = StartMethod::fork;

    /// The initializer, which may be missing: the object for copies of the process that made it, its bytes for fresh
    /// images.
    detail::Target* initializer = nullptr;
    std::vector<std::byte> initializer_bytes{};
    std::shared_ptr<TaskHandles> handles{};  ///< that the bytes name

    void call_initializer() const;
    /// @throws SerializationError if it cannot cross
    void encode_initializer();
};

void write_plan(serial::Sink& sink, const NurseryPlan& plan);
NurseryPlan read_plan(serial::Source& in);

/// The identity of the worker with this number.
process::ChildIdentity worker_identity(const NurseryPlan& plan, unsigned number);

}  // namespace cohort::pool
