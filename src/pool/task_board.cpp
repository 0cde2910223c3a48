// SPDX-License-Identifier: MIT
#include "pool/task_board.hpp"

#include "pool/payload_sink.hpp"
#include "serial/exception_record.hpp"

#include <cohort/pool/detail/async_call.hpp>
#include <cohort/serial/source.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>

namespace cohort::pool {

namespace {

// Chunks that the pool chooses are not longer than what is copied in a fraction of their run time.
constexpr std::size_t kChunkBytes = std::size_t{256} << 10;
// Tasks that are put before results are looked at again.
constexpr unsigned kMostPuts = 512;
// Idle workers are called at every such part of the window: at each task while tasks are long, and seldom while they
// are tiny, since a call costs as much as a hundred of them.
constexpr std::size_t kCallsPerWindow = 8;

class TaskSink final : public PayloadSink {
public:
    TaskSink(const Memory& memory, shm::LendingArena& arena, Payload& payload) noexcept
        : PayloadSink(memory, arena, payload), its_place_(payload) {}

private:
    Payload& place() override { return its_place_; }
    Payload& its_place_;
};

void write_callable(const Job& job, serial::Sink& sink) {
    pool::write_callable(job.callable->body, job.callable->captures.bytes(), sink);
}

}  // namespace

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

bool TaskBoard::fill() {
    if (!has_more()) return false;
    std::size_t now_waiting = waiting();
    pacing_.take_chunks(next_chooses_chunks());
    pacing_.measure(tasks_put_ - now_waiting, now_waiting, Pacing::Clock::now());
    const auto puts_per_call = static_cast<unsigned>(1 + pacing_.window() / kCallsPerWindow);
    unsigned puts = 0;
    // What the workers take meanwhile is seen the next time: to look costs them the line of the ring's head.
    for (; puts != kMostPuts && has_more() && pacing_.may_put(now_waiting, bytes_in_flight_); ++now_waiting) {
        std::byte* room = ring_.room();
        if (!room || !put_next(room)) break;
        if (++puts % puts_per_call == 0) memory_.signals().tasks.ring();
    }
    if (puts != 0) memory_.signals().tasks.ring();
    return puts != 0;
}

// Whether what is handed out next are chunks whose size the pool chooses. REQUIRES: has_more().
bool TaskBoard::next_chooses_chunks() const noexcept {
    if (!again_.empty() || unfinished_.front().is_call) return false;
    return static_cast<const Job&>(unfinished_.front()).chooses_chunks();
}

// REQUIRES: has_more().
TaskBoard::Batch TaskBoard::next_batch() const {
    if (!again_.empty()) return again_.front();
    auto& job = static_cast<Job&>(unfinished_.front());
    const std::size_t items = std::min(job.chunking.next(job.items - job.next), TaskMessage::kMostItems);
    return {&job, job.next, items, 0};
}

// So many items of next_batch() have been handed out, or have failed.
void TaskBoard::advance(std::size_t items) {
    if (!again_.empty()) {
        Batch& batch = again_.front();
        batch.first += items;
        batch.items -= items;
        batch.runs = 0;
        if (batch.items == 0) again_.pop_front();
        return;
    }
    auto& job = static_cast<Job&>(unfinished_.front());
    job.next += items;
    if (!job.has_more()) unfinished_.remove(job);
}

// Writes the next task into the cell that the ring gives next, and publishes it. False: it has to wait for others to
// end.
bool TaskBoard::put_next(std::byte* room) {
    while (again_.empty() && unfinished_.front().is_call) {
        take_up(static_cast<detail::AsyncCall&>(unfinished_.front()));
        if (!has_more()) return true;
    }
    Batch batch = next_batch();
    Job& job = *batch.job;
    if (!publish_callable(job)) return false;
    TaskMessage& message = *new (room) TaskMessage;
    TaskSink sink(memory_, arena_, message.payload);
    TaskHandles handles;
    sink.set_carrier(&handles);
    message.is_chunk = batch.items != 1;
    message.is_long = !message.is_chunk && job.has_long_arguments() && sends_by_window(batch);
    const std::exception_ptr error = encode(batch, message, sink, handles);
    advance(batch.items + (error ? 1 : 0));
    if (batch.items != 0) {
        sink.finish();
        send(batch, message);
    }
    if (error) fail({&job, batch.first + batch.items, batch.items == 0 ? batch.runs : 0}, error);
    return true;
}

// Writes the items one after the other; at the first that cannot be written, or when enough is written, the batch ends.
std::exception_ptr TaskBoard::encode(Batch& batch, const TaskMessage& message, PayloadSink& sink,
                                     TaskHandles& handles) {
    Job& job = *batch.job;
    if (message.is_chunk && job.call->item_bytes() != 0) return encode_fixed(batch, sink);
    const bool is_chunk = message.is_chunk;
    for (std::size_t i = 0; i != batch.items; ++i) {
        const std::size_t begin = sink.size();
        if (begin > kChunkBytes && !job.chunking.is_fixed()) {
            batch.items = i;
            break;
        }
        try {
            if (job.is_single() && !job.shelved) write_callable(job, sink);
            std::uint64_t size = 0;
            if (is_chunk) sink.write(&size, sizeof size);
            if (message.is_long)
                serial::detail::write_count(sink, job.call->long_argument(batch.first).items);
            else
                job.call->write_item(batch.first + i, sink, job.target);
            size = sink.size() - begin - sizeof size;
            if (is_chunk) sink.overwrite(begin, &size, sizeof size);
            if (!handles.empty()) job.item_handles[batch.first + i] = std::exchange(handles, {});
        } catch (...) {
            sink.rewind(begin);
            batch.items = i;
            return std::current_exception();
        }
    }
    return nullptr;
}

// The same for items that all have the same size.
std::exception_ptr TaskBoard::encode_fixed(Batch& batch, PayloadSink& sink) {
    Job& job = *batch.job;
    const std::size_t bytes = job.call->item_bytes();
    if (!job.chunking.is_fixed()) batch.items = std::clamp<std::size_t>(kChunkBytes / bytes, 1, batch.items);
    try {
        if (batch.items <= kChunkBytes / bytes) {
            sink.reserve(batch.items * bytes);  // one block, of the right size
            sink.rewind(0);
        }
        job.call->write_items(batch.first, batch.items, sink, job.target);
    } catch (...) {
        batch.items = sink.size() / bytes;
        sink.rewind(batch.items * bytes);
        return std::current_exception();
    }
    return nullptr;
}

void TaskBoard::send(const Batch& batch, TaskMessage& message) {
    Flight flight{.job = batch.job,
                  .first = batch.first,
                  .items = static_cast<std::uint32_t>(batch.items),
                  .runs = batch.runs,
                  .is_long = message.is_long != 0};
    if (flight.is_long) ++long_flights_;
    if (message.payload.size > Payload::kInline) {
        flight.block = message.payload.block;
        flight.block_bytes = message.payload.size;
        bytes_in_flight_ += flight.block_bytes;
    }
    const TaskId id = flights_.add(flight);
    message.task = id.raw();
    static_assert(Job::kNoLine == TaskMessage::kOwnCallable);
    message.job = batch.job->line;
    message.is_single = batch.job->is_single();
    if (message.is_single) batch.job->task = id;
    message.is_guarded = batch.job->is_guarded();
    message.tells_start = batch.job->tells_start;
    message.wants_parts = batch.job->wants_parts;
    message.items = flight.items & TaskMessage::kMostItems;
    const shm::Ring::Put put = ring_.try_claim(parent_);  // the cell of `message`: it was free, and nobody else puts
    ring_.commit(put);
    next_ticket_ = put.ticket + 1;
    ++tasks_put_;
}

// False: all lines of the job table are taken.
bool TaskBoard::publish_callable(Job& job) {
    if (job.is_single() || job.line != Job::kNoLine) return true;
    if (free_lines_.empty()) return false;
    serial::BufferSink bytes;
    write_callable(job, bytes);
    job.block = write_block(bytes);
    job.line = free_lines_.back();
    free_lines_.pop_back();
    announce(job.line, job.block, bytes.size());
    return true;
}

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
    streamed_ |= job.streams;
    for (std::size_t i = 0; i != count && !job.item_handles.empty(); ++i) job.item_handles.erase(first + i);
    job.chunking.measure(job.ended(), [] { return Chunking::Clock::now(); });
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

void TaskBoard::land(TaskId id, const Flight& flight) noexcept {
    if (flight.block_bytes != 0) {
        bytes_in_flight_ -= flight.block_bytes;
        shm::LendingArena::give_back(memory_.segment(), {flight.block});
    }
    if (!gathered_.empty()) gathered_.erase(id.raw());
    if (flight.is_long) --long_flights_;
    flights_.remove(id);
}

// Where there is no memory for windows, arguments go in blocks.
bool TaskBoard::sends_by_window(const Batch& batch) noexcept {
    if (batch.job->call->long_argument(batch.first).bytes.size() < ArgumentWindow::kWorthIt) return false;
    try {
        window(static_cast<std::uint32_t>(pacing_.workers() - 1));
        return true;
    } catch (...) {
        return false;
    }
}

shm::BlockId TaskBoard::window(std::uint32_t place) {
    while (windows_.size() <= place) {
        windows_.reserve(windows_.size() + 1);
        windows_.push_back(arena_.allocate(ArgumentWindow::kBytes));
    }
    return windows_[place];
}

std::span<const std::byte> TaskBoard::long_argument(TaskId id) {
    const Flight* flight = flights_.find(id);
    if (!flight || !flight->is_long || !flight->job->call) return {};
    return flight->job->call->long_argument(flight->first).bytes;
}

void TaskBoard::finish(Job& job) {
    free_line(job);
    if (job.is_timed()) timeouts_.erase(timeouts_.find(job.timeout));
    if (job.is_async) --asynchronous_;
    if (job.async) ended_.push_back(std::move(job.async));
    const std::size_t place = std::exchange(job.place, Job::kNowhere);
    std::shared_ptr<Job> ended = std::exchange(jobs_[place], std::move(jobs_.back()));
    jobs_.pop_back();
    if (place != jobs_.size()) jobs_[place]->place = place;
    if (job.shelved && ended.use_count() == 1) spare_.push_back(std::move(ended));
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
