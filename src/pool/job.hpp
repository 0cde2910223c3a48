// SPDX-License-Identifier: MIT
#pragma once

#include "pool/chunking.hpp"
#include "pool/message.hpp"
#include "pool/task_handles.hpp"
#include "shm/lending_arena.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/async_call.hpp>
#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/detail/pool_call.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace cohort::pool {

/// A call in the hands of the pool.
///
/// Thread safety: none; the TaskBoard that has it guards it.
class Job {
public:
    static constexpr std::uint32_t kNoLine = 0xffffffff;
    static constexpr std::chrono::nanoseconds kNoTimeout = std::chrono::nanoseconds::max();

    /// Writes the callable. The call stays its caller's.
    /// @throws SerializationError if it cannot cross
    /// @throws ValueError  the timeout is not positive
    Job(detail::PoolCall& the_call, const detail::JobOptions& options, std::size_t workers, serial::Target the_target,
        bool it_streams = false)
        : call(&the_call),
          items(the_call.items()),
          streams(it_streams),
          open(items),
          retries(options.retries),
          retry_if(options.retry_if),
          priority(options.priority),
          timeout(checked(options.timeout)),
          tells_start(options.tells_start),
          chunking(options.chunksize, workers),
          target(the_target),
          body(write_callable(the_call)) {}

    /// Whether it goes as one message with its own callable, and needs no line in the job table.
    bool is_single() const noexcept { return items == 1 && !streams; }
    bool has_more() const noexcept { return next != items; }
    bool is_timed() const noexcept { return timeout != kNoTimeout; }
    /// Whether its running items may be ended: because they take too long, or because the call is cancelled.
    bool is_guarded() const noexcept { return is_timed() || is_async; }
    /// Items that have a result or an error.
    std::size_t ended() const noexcept { return items - open; }
    /// Of these, the ones that did not end only because the pool did.
    std::size_t done() const noexcept { return ended() - cut_off; }

    detail::PoolCall* call;                      ///< null: its caller has left, nobody wants the results
    std::shared_ptr<detail::AsyncCall> async{};  ///< whose `call` is, until it is concluded; null: its caller waits
    bool is_async = false;                       ///< it had one from the beginning
    std::size_t items;
    const bool streams;       ///< items are added until the caller leaves
    std::size_t next = 0;     ///< the first item that was never handed out
    std::size_t open;         ///< items without a result or an error
    std::size_t cut_off = 0;  ///< items that failed because the pool ended
    std::size_t ahead = 0;    ///< of one that streams: how many items it has at most; 0: as many as pay
    const std::size_t retries;
    const RetryIf retry_if;
    const int priority;
    const std::chrono::nanoseconds timeout;  ///< for each item
    const bool tells_start;
    Chunking chunking;
    const serial::Target target;
    TaskHandles handles;  ///< what the callable names, held until all items have ended
    std::unordered_map<std::size_t, TaskHandles> item_handles{};  ///< what items name, held until they have ended
    serial::BufferSink captures;
    const serial::Token body;
    std::uint32_t line = kNoLine;  ///< in the job table
    shm::BlockId block{};          ///< where the callable lies for the workers

    TaskId task{};  ///< of a single one, when it was handed out last

    // For JobQueue:
    Job* before = nullptr;
    Job* after = nullptr;
    bool is_queued = false;

private:
    static std::chrono::nanoseconds checked(Timeout timeout) {
        if (timeout.is_forever()) return kNoTimeout;
        if (timeout.polls()) throw ValueError("the timeout of a task must be greater than zero");
        return *timeout.duration();
    }
    serial::Token write_callable(detail::PoolCall& its_call) {
        captures.set_carrier(&handles);
        return its_call.write_callable(captures, target);
    }
};

}  // namespace cohort::pool
