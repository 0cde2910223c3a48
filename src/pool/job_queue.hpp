// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/detail/queue_links.hpp>

#include <functional>
#include <map>
#include <utility>

namespace cohort::pool {

/// Jobs with items that were never handed out: those with the highest priority first, among these the oldest. Jobs are
/// linked to each other, so that any of a hundred thousand can leave at once.
///
/// Thread safety: none. A job is in one queue at most, and stays where it is while it is there.
class JobQueue {
public:
    bool empty() const noexcept { return !ordinary_.first && special_.empty(); }
    /// REQUIRES: not empty.
    QueueLinks& front() const noexcept {
        if (!special_.empty()) {
            const auto& [priority, list] = *special_.begin();
            if (priority > 0 || !ordinary_.first) return *list.first;
        }
        return *ordinary_.first;
    }

    /// REQUIRES: it is in no queue.
    void push(QueueLinks& job) {
        List& list = job.priority == 0 ? ordinary_ : special_[job.priority];
        job.before = list.last;
        job.after = nullptr;
        (list.last ? list.last->after : list.first) = &job;
        list.last = &job;
        job.is_queued = true;
    }
    /// `job` takes the place of another one. REQUIRES: that is here, `job` is nowhere; both have the same priority.
    void replace(QueueLinks& other, QueueLinks& job) noexcept {
        List& list = other.priority == 0 ? ordinary_ : special_.find(other.priority)->second;
        job.before = other.before;
        job.after = other.after;
        (job.before ? job.before->after : list.first) = &job;
        (job.after ? job.after->before : list.last) = &job;
        job.is_queued = true;
        other.is_queued = false;
    }

    /// Nothing happens if it is not here.
    void remove(QueueLinks& job) noexcept {
        if (!std::exchange(job.is_queued, false)) return;
        const auto found = job.priority == 0 ? special_.end() : special_.find(job.priority);
        List& list = found == special_.end() ? ordinary_ : found->second;
        (job.before ? job.before->after : list.first) = job.after;
        (job.after ? job.after->before : list.last) = job.before;
        if (found != special_.end() && !list.first) special_.erase(found);
    }

private:
    struct List {
        QueueLinks* first = nullptr;
        QueueLinks* last = nullptr;
    };
    List ordinary_;                                // of priority 0
    std::map<int, List, std::greater<>> special_;  // of the others; none is empty
};

}  // namespace cohort::pool
