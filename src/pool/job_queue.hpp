// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <utility>

namespace cohort::pool {

/// What a job has for its JobQueue.
template <class Job>
struct QueueLinks {
    Job* before = nullptr;
    Job* after = nullptr;
    bool is_queued = false;
};

/// Jobs with items that were never handed out: those with the highest priority first, among these the oldest. Jobs are
/// linked to each other, so that any of a hundred thousand can leave at once.
///
/// Thread safety: none. A job is in one queue at most, and stays where it is while it is there.
/// @tparam Job  has a `priority`, and QueueLinks
template <class Job>
class JobQueue {
public:
    bool empty() const noexcept { return !ordinary_.first && special_.empty(); }
    /// REQUIRES: not empty.
    Job& front() const noexcept {
        if (!special_.empty()) {
            const auto& [priority, list] = *special_.begin();
            if (priority > 0 || !ordinary_.first) return *list.first;
        }
        return *ordinary_.first;
    }

    /// REQUIRES: it is in no queue.
    void push(Job& job) {
        List& list = job.priority == 0 ? ordinary_ : special_[job.priority];
        job.before = list.last;
        job.after = nullptr;
        (list.last ? list.last->after : list.first) = &job;
        list.last = &job;
        job.is_queued = true;
    }

    /// Nothing happens if it is not here.
    void remove(Job& job) noexcept {
        if (!std::exchange(job.is_queued, false)) return;
        const auto found = job.priority == 0 ? special_.end() : special_.find(job.priority);
        List& list = found == special_.end() ? ordinary_ : found->second;
        (job.before ? job.before->after : list.first) = job.after;
        (job.after ? job.after->before : list.last) = job.before;
        if (found != special_.end() && !list.first) special_.erase(found);
    }

private:
    struct List {
        Job* first = nullptr;
        Job* last = nullptr;
    };
    List ordinary_;                                // of priority 0
    std::map<int, List, std::greater<>> special_;  // of the others; none is empty
};

}  // namespace cohort::pool
