// SPDX-License-Identifier: MIT
#pragma once

#include "pool/any_job.hpp"
#include "pool/chunking.hpp"
#include "pool/job_queue.hpp"
#include "pool/message.hpp"
#include "pool/task_handles.hpp"
#include "shm/lending_arena.hpp"

#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/detail/pool_call.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace cohort::pool {

/// A call in the hands of a pool of processes.
///
/// Thread safety: none; the TaskBoard that has it guards it.
class Job : public AnyJob, public QueueLinks<Job> {
public:
    static constexpr std::uint32_t kNoLine = 0xffffffff;

    /// Writes the callable. The call stays its caller's.
    /// @throws SerializationError if it cannot cross
    /// @throws ValueError  the timeout is not positive
    Job(detail::SentCall& the_call, const detail::JobOptions& options, std::size_t workers, serial::Target the_target,
        bool it_streams = false)
        : AnyJob(the_call, options, it_streams),
          call(&the_call),
          chunking(options.chunksize, workers),
          target(the_target),
          body(write_callable(the_call)),
          wants_parts(the_call.results_grow()),
          has_long_arguments(!is_async && !streams && the_call.arguments_grow()) {}

    /// Whether it goes as one message with its own callable, and needs no line in the job table.
    bool is_single() const noexcept { return items == 1 && !streams; }
    /// Whether the pool chooses how many items go into a message.
    bool chooses_chunks() const noexcept { return !chunking.is_fixed() && !is_single(); }
    /// Whether its running items may be ended: because they take too long, or because the call is cancelled.
    bool is_guarded() const noexcept { return is_timed() || is_async; }

    detail::SentCall* call;  ///< null: its caller has left, nobody wants the results
    Chunking chunking;
    const serial::Target target;
    TaskHandles handles;  ///< what the callable names, held until all items have ended
    std::unordered_map<std::size_t, TaskHandles> item_handles{};  ///< what items name, held until they have ended
    serial::BufferSink captures;
    const serial::Token body;
    const bool wants_parts;  ///< SentCall::results_grow()
    /// Some may have a LongArgument. Only while a caller waits somebody is there to send it when a worker asks.
    const bool has_long_arguments;
    std::uint32_t line = kNoLine;  ///< in the job table
    shm::BlockId block{};          ///< where the callable lies for the workers

    TaskId task{};  ///< of a single one, when it was handed out last

private:
    serial::Token write_callable(detail::SentCall& its_call) {
        captures.set_carrier(&handles);
        return its_call.write_callable(captures, target);
    }
};

}  // namespace cohort::pool
