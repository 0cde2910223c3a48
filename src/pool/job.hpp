// SPDX-License-Identifier: MIT
#pragma once

#include "pool/any_job.hpp"
#include "pool/callable_shelf.hpp"
#include "pool/chunking.hpp"
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
class Job : public AnyJob {
public:
    static constexpr std::uint32_t kNoLine = 0xffffffff;
    static constexpr std::size_t kNowhere = ~std::size_t{0};

    /// Writes the callable. The call stays its caller's.
    /// @throws SerializationError if it cannot cross
    /// @throws ValueError  the timeout is not positive
    Job(detail::SentCall& the_call, const detail::JobOptions& options, std::size_t workers, serial::Target the_target,
        bool it_streams = false)
        : AnyJob(the_call, options, it_streams),
          call(&the_call),
          chunking(options.chunksize, workers),
          target(the_target),
          callable(std::make_unique<WrittenCallable>(the_call, the_target)),
          wants_parts(the_call.results_grow()),
          arguments_grow(the_call.arguments_grow()) {}
    /// With a callable that it has in common with others. REQUIRES: one item.
    Job(detail::SentCall& the_call, serial::Target the_target, ShelvedCallable& its_callable)
        : AnyJob(the_call, {}, false),
          call(&the_call),
          chunking(1, 1),
          target(the_target),
          shelved(&its_callable),
          wants_parts(the_call.results_grow()),
          line(its_callable.line) {}
    /// Becomes a new one, of another call. REQUIRES: it has ended; it was made with a shelved callable.
    void renew(detail::SentCall& its_call, ShelvedCallable& its_callable) noexcept {
        call = &its_call;
        wants_parts = its_call.results_grow();
        shelved = &its_callable;
        line = its_callable.line;
        next = 0;
        open = items;
        cut_off = 0;
        task = {};
        item_handles.clear();
    }

    /// Whether it goes as one message, and needs no line of its own in the job table: the message brings the callable
    /// along, if that is not a shelved one.
    bool is_single() const noexcept { return items == 1 && !streams; }
    /// Whether the pool chooses how many items go into a message.
    bool chooses_chunks() const noexcept { return !chunking.is_fixed() && !is_single(); }
    /// Whether its running items may be ended: because they take too long, or because the call is cancelled.
    bool is_guarded() const noexcept { return is_timed() || is_async; }

    /// Whether items may have a LongArgument. Only while a caller waits somebody is there to send it when asked.
    bool has_long_arguments() const noexcept { return arguments_grow && !is_async && !streams; }

    detail::SentCall* call;  ///< null: its caller has left, nobody wants the results
    Chunking chunking;
    const serial::Target target;
    std::unordered_map<std::size_t, TaskHandles> item_handles{};  ///< what items name, held until they have ended

    /// What is written of the callable.
    struct WrittenCallable {
        WrittenCallable(const detail::SentCall& its_call, serial::Target its_target)
            : body(write(its_call, its_target)) {}

        TaskHandles handles;  ///< what the callable names, held until all items have ended
        serial::BufferSink captures;
        const serial::Token body;

    private:
        serial::Token write(const detail::SentCall& its_call, serial::Target its_target) {
            captures.set_carrier(&handles);
            return its_call.write_callable(captures, its_target);
        }
    };
    const std::unique_ptr<const WrittenCallable> callable{};  ///< null: it has a shelved one
    ShelvedCallable* shelved = nullptr;
    bool wants_parts;                   ///< SentCall::results_grow()
    const bool arguments_grow = false;  ///< SentCall::arguments_grow()
    std::uint32_t line = kNoLine;       ///< in the job table
    shm::BlockId block{};               ///< where the callable lies for the workers

    TaskId task{};                 ///< of a single one, when it was handed out last
    std::size_t place = kNowhere;  ///< among the jobs of the TaskBoard
};

}  // namespace cohort::pool
