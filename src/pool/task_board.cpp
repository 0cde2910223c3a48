// SPDX-License-Identifier: MIT
// The jobs of a TaskBoard, from when they come to when they end.
#include "pool/task_board.hpp"

#include <cohort/pool/detail/async_call.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace cohort::pool {

TaskBoard::TaskBoard(const Memory& memory, shm::Owner parent, serial::Target target)
    : memory_(memory),
      parent_(parent),
      ring_(memory.tasks()),
      arena_(memory.parent_arena()),
      pacing_(memory.workers(), Memory::kTaskCells),
      target_(target),
      free_lines_(Memory::kJobLines) {
    std::iota(free_lines_.rbegin(), free_lines_.rend(), 0);
}

void TaskBoard::add(std::shared_ptr<Job> job) {
    if (job->is_async) ++asynchronous_;
    if (job->is_timed()) timeouts_.insert(job->timeout);
    if (job->has_more())
        unfinished_.push(*job);
    else
        ++idle_streams_;
    keep(std::move(job));
}

void TaskBoard::keep(std::shared_ptr<Job> job) {
    jobs_.push_back(std::move(job));
    jobs_.back()->place = jobs_.size() - 1;
}

void TaskBoard::extend(Job& job, std::size_t items) {
    if (items == 0) return;
    if (job.open == 0) --idle_streams_;
    if (!job.has_more()) unfinished_.push(job);
    job.items += items;
    job.open += items;
}

void TaskBoard::cancel(Job& job, const std::exception_ptr& error) {
    job.async->fail(error);
    if (job.is_single() && job.task) memory_.cancelled(job.task).store(job.task.raw());
    ended_.push_back(std::move(job.async));
    abandon(job);
}

void TaskBoard::abandon(Job& job) {
    job.call = nullptr;
    if (job.open == 0) --idle_streams_;
    if (job.line != Job::kNoLine && !job.shelved) {
        JobLine& line = memory_.job(job.line);
        line.abandoned.store(line.generation);  // what is in the ring is not run
    }
    job.open -= job.items - job.next;
    job.next = job.items;
    unfinished_.remove(job);
    const auto dropped =
        std::stable_partition(again_.begin(), again_.end(), [&](const Batch& batch) { return batch.job != &job; });
    for (auto batch = dropped; batch != again_.end(); ++batch) job.open -= batch->items;
    again_.erase(dropped, again_.end());
    end_if_done(job);
}

// A job that streams goes when its caller does; while it has nothing to do, another one may have its line.
void TaskBoard::end_if_done(Job& job) {
    if (job.open != 0) return;
    if (!job.streams || !job.call) return finish(job);
    free_line(job);
    ++idle_streams_;
}

void TaskBoard::free_line(Job& job) {
    if (job.line == Job::kNoLine) return;
    if (job.shelved) {
        --job.shelved->users;
        return;
    }
    shm::LendingArena::give_back(memory_.segment(), job.block);
    free_lines_.push_back(job.line);
    job.line = Job::kNoLine;
}

void TaskBoard::finish(Job& job) {
    free_line(job);
    if (job.is_timed()) timeouts_.erase(timeouts_.find(job.timeout));
    if (job.is_async) --asynchronous_;
    news_ |= !job.is_async;
    if (job.async) ended_.push_back(std::move(job.async));
    const std::size_t place = std::exchange(job.place, Job::kNowhere);
    std::shared_ptr<Job> ended = std::exchange(jobs_[place], std::move(jobs_.back()));
    jobs_.pop_back();
    if (place != jobs_.size()) jobs_[place]->place = place;
    if (job.shelved && ended.use_count() == 1) spare_.push_back(std::move(ended));
}

void TaskBoard::requeue(Job& job, std::size_t first, std::size_t items, std::uint32_t runs) {
    if (items == 0) return;
    if (job.call) {
        again_.push_back({&job, first, items, runs});
        return;
    }
    job.open -= items;
    end_if_done(job);
}

void TaskBoard::fail_all(const std::exception_ptr& error) {
    failing_all_ = true;
    std::vector<Batch> open;
    flights_.for_each([&](TaskId id, const Flight& flight) {
        open.push_back({flight.job, flight.first + flight.done, flight.items - flight.done, 0});
        land(id, Flight(flight));
    });
    open.insert(open.end(), again_.begin(), again_.end());
    again_.clear();
    while (!unfinished_.empty()) {
        if (unfinished_.front().is_call) {
            cancel(static_cast<detail::AsyncCall&>(unfinished_.front()), error);
            continue;
        }
        auto& job = static_cast<Job&>(unfinished_.front());
        open.push_back({&job, job.next, job.items - job.next, 0});
        job.next = job.items;
        unfinished_.remove(job);
    }
    for (const Batch& batch : open) batch.job->cut_off += batch.items;
    for (const Batch& batch : open)
        for (std::size_t i = 0; i != batch.items; ++i) fail({batch.job, batch.first + i}, error);
}

}  // namespace cohort::pool
