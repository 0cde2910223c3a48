// SPDX-License-Identifier: MIT
#pragma once

#include "pool/read_ahead.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/async_call.hpp>
#include <cohort/pool/detail/job_options.hpp>
#include <cohort/pool/detail/pool_call.hpp>
#include <cohort/pool/detail/queue_links.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace cohort::pool {

/// A call in the hands of a pool of any kind: what was asked for, and how far it is.
///
/// Thread safety: none; the pool that has it guards it.
class AnyJob : public QueueLinks {
public:
    static constexpr std::chrono::nanoseconds kNoTimeout = std::chrono::nanoseconds::max();

    AnyJob(const AnyJob&) = delete;
    AnyJob& operator=(const AnyJob&) = delete;

    bool has_more() const noexcept { return next != items; }
    bool is_timed() const noexcept { return timeout != kNoTimeout; }
    /// Items that have a result or an error.
    std::size_t ended() const noexcept { return items - open; }
    /// Of these, the ones that did not end only because the pool did.
    std::size_t done() const noexcept { return ended() - cut_off; }

    std::shared_ptr<detail::AsyncCall> async{};  ///< whose call it is, until it is concluded; null: its caller waits
    bool is_async = false;                       ///< it had one from the beginning
    std::size_t items;
    const bool streams;       ///< items are added until the caller leaves
    std::size_t next = 0;     ///< the first item that was never handed out
    std::size_t open;         ///< items without a result or an error
    std::size_t cut_off = 0;  ///< items that failed because the pool ended
    ReadAhead ahead{};        ///< of one that streams
    const std::size_t retries;
    const RetryIf retry_if;
    const std::chrono::nanoseconds timeout;  ///< for each item
    const bool tells_start;

protected:
    /// @throws ValueError  the timeout is not positive
    AnyJob(const detail::PoolCall& call, const detail::JobOptions& options, bool it_streams)
        : QueueLinks(false, options.priority),
          items(call.items()),
          streams(it_streams),
          open(items),
          retries(options.retries),
          retry_if(options.retry_if),
          timeout(checked(options.timeout)),
          tells_start(options.tells_start) {}
    ~AnyJob() = default;

private:
    static std::chrono::nanoseconds checked(Timeout timeout) {
        if (timeout.is_forever()) return kNoTimeout;
        if (timeout.polls()) throw ValueError("the timeout of a task must be greater than zero");
        return *timeout.duration();
    }
};

}  // namespace cohort::pool
