// SPDX-License-Identifier: MIT
// How a TaskBoard puts tasks into the ring.
#include "pool/task_board.hpp"

#include "pool/payload_sink.hpp"

#include <cohort/pool/detail/async_call.hpp>

#include <algorithm>
#include <cstring>
#include <new>
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

bool TaskBoard::fill() {
    if (!has_more()) return false;
    std::size_t now_waiting = waiting();
    pacing_.take_chunks(next_chooses_chunks());
    pacing_.measure(tasks_put_ - now_waiting, now_waiting, Pacing::Clock::now());
    const auto puts_per_call = static_cast<unsigned>(1 + pacing_.window() / kCallsPerWindow);
    unsigned puts = 0;
    // What the workers take meanwhile is seen the next time: to look costs them the line of the ring's head.
    for (; puts != kMostPuts && pacing_.may_put(now_waiting, bytes_in_flight_); ++now_waiting) {
        std::byte* room = ring_.room();
        if (!room || !put_next(room)) break;
        if (++puts % puts_per_call == 0) memory_.signals().tasks.ring();
        if (!has_more()) break;
        pacing_.take_chunks(next_chooses_chunks());  // it may be another job's turn
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

}  // namespace cohort::pool
