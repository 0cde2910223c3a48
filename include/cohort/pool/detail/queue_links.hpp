// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::pool {

/// What has a place in the queue of a pool: a job, or a call for which no job was made yet.
struct QueueLinks {
    explicit QueueLinks(bool a_call, int its_priority = 0) noexcept : priority(its_priority), is_call(a_call) {}

    QueueLinks* before = nullptr;
    QueueLinks* after = nullptr;
    const int priority;
    const bool is_call;  ///< a detail::AsyncCall
    bool is_queued = false;
};

}  // namespace cohort::pool
