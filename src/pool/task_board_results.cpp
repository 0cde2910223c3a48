// SPDX-License-Identifier: MIT
// What a TaskBoard makes of results, and of the tasks of dead workers.
#include "pool/task_board.hpp"

#include "serial/exception_record.hpp"

#include <cohort/pool/detail/async_call.hpp>
#include <cohort/serial/source.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cohort::pool {

void TaskBoard::settle(const ResultMessage& message) {
    const TaskId id = TaskId::from_raw(message.task);
    Flight* flight = flights_.find(id);
    if (!flight || message.item < flight->done || message.item >= flight->items) return;
    Job& job = *flight->job;
    if (message.kind == ResultKind::started) {
        if (job.async) started_.push_back(job.async);
        return;
    }
    if (message.kind == ResultKind::part) return gather(id, job, message.payload);
    if (message.kind == ResultKind::values || message.kind == ResultKind::dropped) {
        settle_up_to(id, message.item + 1, message.kind, memory_.bytes(message.payload));
        return memory_.give_back(message.payload);
    }
    if (message.item != flight->done) return;
    const LostItem item{&job, flight->first + flight->done, flight->runs};
    std::exception_ptr error;
    if (job.call) {
        serial::Source in(memory_.bytes(message.payload), serial::Trust::channel);
        try {
            if (message.kind != ResultKind::value)
                error = serial::read_exception(in);
            else if (gathered_.empty() || !take_gathered(id, item, in)) [[likely]]
                job.call->read_result(item.index, in);
        } catch (...) {
            error = std::current_exception();
        }
    }
    if (!gathered_.empty()) gathered_.erase(id.raw());
    memory_.give_back(message.payload);
    // Its line first: the job may end with this outcome.
    if (++flight->done == flight->items) land(id, *flight);
    if (error) return fail(item, std::move(error));
    outcome(job, item.index, 1);
}

// The same for the items before `end` in the task, which have no outcome yet. REQUIRES: there are such ones.
void TaskBoard::settle_up_to(TaskId id, std::uint32_t end, ResultKind kind, std::span<const std::byte> results) {
    Flight& flight = *flights_.find(id);
    Job& job = *flight.job;
    const std::size_t first = flight.first + flight.done;
    const std::size_t count = end - flight.done;
    std::exception_ptr error;
    if (job.call && kind == ResultKind::values) {
        serial::Source in(results, serial::Trust::channel);
        try {
            job.call->read_results(first, count, in);
        } catch (...) {
            error = std::current_exception();
        }
    }
    flight.done = end;
    if (flight.done == flight.items) land(id, flight);
    if (!error) return outcome(job, first, count);
    for (std::size_t i = 0; i != count; ++i) fail({&job, first + i}, error);
}

// A part of the result of the item that is next.
void TaskBoard::gather(TaskId id, const Job& job, const Payload& payload) {
    if (job.call) {
        Gathered& its = gathered_[id.raw()];
        try {
            if (!its.value && !its.error) its.value = job.call->gather_result();
            serial::Source in(memory_.bytes(payload), serial::Trust::channel);
            if (its.value) its.value->add(in);
        } catch (...) {
            its = {nullptr, std::current_exception()};
        }
    }
    memory_.give_back(payload);
}

// False: the result of this item has come as a whole. Throws what came of its parts.
bool TaskBoard::take_gathered(TaskId id, const LostItem& item, serial::Source& last) {
    const auto found = gathered_.find(id.raw());
    if (found == gathered_.end()) return false;
    const Gathered& its = found->second;
    if (its.error) std::rethrow_exception(its.error);
    its.value->add(last);
    item.job->call->take_gathered(item.index, *its.value);
    return true;
}

void TaskBoard::fail(LostItem item, std::exception_ptr error) {
    if (item.job->call) {
        if (wants_again(*item.job, item.runs, error)) return requeue(*item.job, item.index, 1, item.runs + 1);
        item.job->call->take_error(item.index, std::move(error));
    }
    outcome(*item.job, item.index, 1);
}

bool TaskBoard::wants_again(const Job& job, std::uint32_t runs, const std::exception_ptr& error) const {
    if (!job.retry_if || runs >= job.retries || failing_all_) return false;
    bool wants = false;
    detail::call_logged([&] { wants = job.retry_if(error); });
    return wants;
}

void TaskBoard::outcome(Job& job, std::size_t first, std::size_t count) {
    outcomes_ += count;
    job.open -= count;
    news_ |= job.streams;
    for (std::size_t i = 0; i != count && !job.item_handles.empty(); ++i) job.item_handles.erase(first + i);
    job.chunking.measure(job.ended(), [] { return Chunking::Clock::now(); });
    end_if_done(job);
}

void TaskBoard::land(TaskId id, const Flight& flight) noexcept {
    if (flight.block_bytes != 0) {
        bytes_in_flight_ -= flight.block_bytes;
        shm::LendingArena::give_back(memory_.segment(), {flight.block});
    }
    if (!gathered_.empty()) gathered_.erase(id.raw());
    if (flight.is_long) --long_flights_;
    flights_.remove(id);
}

std::optional<LostItem> TaskBoard::recover(shm::Owner dead, TaskId running, std::uint32_t item,
                                           std::span<const std::byte> batch, const std::exception_ptr& verdict) {
    if (const Flight* flight = flights_.find(running); flight && item > flight->done)
        settle_up_to(running, std::min(item, flight->items), ResultKind::values, batch);
    std::vector<TaskId> taken;
    taken.reserve(4);  // a worker has one task at a time
    ring_.sweep(
        dead,
        [](void* tasks, std::uint64_t, const std::byte* data) noexcept {
            TaskMessage message;
            std::memcpy(&message, data, sizeof message);
            static_cast<std::vector<TaskId>*>(tasks)->push_back(TaskId::from_raw(message.task));
        },
        &taken);
    auto lost = recover_running(running, item, verdict);
    for (const TaskId id : taken)
        if (id != running) recover_taken(id);
    return lost;
}

// The task in the roster line. The item is lost unless its result has arrived: then the worker died on its way to the
// next one.
std::optional<LostItem> TaskBoard::recover_running(TaskId id, std::uint32_t item, const std::exception_ptr& verdict) {
    Flight* found = flights_.find(id);
    if (!found) return std::nullopt;
    const Flight flight = *found;
    const std::shared_ptr<Job> job = share(*flight.job);  // which may end here
    land(id, flight);
    std::size_t next = flight.first + flight.done;
    std::optional<LostItem> lost;
    if (item == flight.done) {
        if (!verdict && flight.runs < job->retries)
            requeue(*job, next, 1, flight.runs + 1);
        else
            lost = LostItem{job.get(), next, flight.runs};
        ++next;
    }
    requeue(*job, next, flight.first + flight.items - next, 0);
    return lost;
}

// Taken, but not begun: nothing is lost.
void TaskBoard::recover_taken(TaskId id) {
    Flight* found = flights_.find(id);
    if (!found) return;
    const Flight flight = *found;
    land(id, flight);
    requeue(*flight.job, flight.first, flight.items, flight.runs);
}

}  // namespace cohort::pool
