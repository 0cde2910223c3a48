// SPDX-License-Identifier: MIT
#include "pool/worker.hpp"

#include "os/affinity.hpp"
#include "os/clock.hpp"
#include "os/exit.hpp"
#include "os/memory_limit.hpp"
#include "os/process_identity.hpp"
#include "pool/payload_sink.hpp"
#include "process/child.hpp"
#include "process/runtime.hpp"
#include "process/stdio.hpp"
#include "serial/exception_record.hpp"
#include "serial/throw_trace.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/serial/token.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace cohort::pool {

namespace {

// How often a worker whose result ring fills looks whether its parent should know.
constexpr unsigned kResultsPerLook = 64;

// Costs a few nanoseconds, and is right to a few milliseconds.
std::uint32_t coarse_milliseconds() noexcept {
    return static_cast<std::uint32_t>(os::coarse_time() / std::chrono::milliseconds(1));
}

}  // namespace

/// Writes a result, straight into the place in the ring from which the parent reads it.
class Worker::ResultSink final : public PayloadSink {
public:
    ResultSink(Worker& worker, std::uint64_t task, std::uint32_t item, ResultKind kind) noexcept
        : PayloadSink(worker.memory_, worker.arena_), worker_(worker), task_(task), item_(item), kind_(kind) {}

private:
    // The first byte of the result: user code has returned, perhaps in a copy of the worker.
    Payload& place() override {
        worker_.leave_if_copy();
        ResultMessage& message = worker_.room();
        message.task = task_;
        message.item = item_;
        message.kind = kind_;
        message.took = worker_.time_of_item() & ResultMessage::kMostTime;
        return message.payload;
    }

    Worker& worker_;
    std::uint64_t task_;
    std::uint32_t item_;
    ResultKind kind_;
};

Worker::Worker(const Memory& memory, const WorkerOrder& order)
    : memory_(memory),
      order_(order),
      signals_(memory.signals()),
      roster_(memory.roster()),
      doing_(roster_.doing(order_.owner)),
      item_(note(Note::item)),
      guard_(note(Note::guard)),
      tasks_(memory.tasks()),
      results_(memory.results(order.place)),
      arena_(memory.worker_arena(order.place)),
      room_bell_(memory.room_bell(order.place)),
      job_lines_(&memory.job(0)),
      pid_(os::current_pid()),
      stats_(memory.stats(order.place)) {}

bool Worker::run(detail::FunctionRef<void()> initializer, detail::FunctionRef<void()> exit) {
    note(Note::pid).store(static_cast<std::uint64_t>(pid_), std::memory_order_release);
    if (!roster_.enter(order_.owner, order_.mark ? *order_.mark : shm::current_process_mark()))
        return true;  // nobody waits for this worker any more
    if (!initialize(initializer)) return false;
    if (order_.memory_recycle != 0) memory_at_start_ = os::private_memory(pid_);
    stats_.ready(Guard::Clock::now());
    note(Note::phase).store(static_cast<std::uint64_t>(Phase::ready), std::memory_order_release);
    std::size_t done = 0;
    while (const auto message = next_task()) {
        run_task(*message);
        doing_.store(0, std::memory_order_release);
        if (++done == order_.tasks || has_grown_too_large()) break;
    }
    stats_.leave(Guard::Clock::now());
    note(Note::phase).store(static_cast<std::uint64_t>(leaves_as_), std::memory_order_release);
    exit();
    roster_.leave(order_.owner);
    signals_.results.ring();
    return true;
}

bool Worker::initialize(detail::FunctionRef<void()> initializer) {
    std::string trace;
    try {
        if (order_.pin_cpus) os::bind_to_processor(order_.place);
        serial::run_traced(initializer, &trace);
        if (order_.memory_limit != 0) os::limit_memory_growth(order_.memory_limit);
        return true;
    } catch (...) {
        report(0, 0, ResultKind::initializer_failed, process::caught_error(), std::move(trace));
        return false;
    }
}

std::optional<TaskMessage> Worker::next_task() {
    for (;;) {
        if (stats_.is_unneeded()) return std::nullopt;
        const shm::Ring::Take take = tasks_.try_take(order_.owner);
        if (take) {
            TaskMessage message;
            std::memcpy(&message, take.data, sizeof message);
            item_.store(0, std::memory_order_relaxed);
            // Release: whoever finds the cell given back, by a dead worker, finds the line written.
            doing_.store(message.task, std::memory_order_release);
            tasks_.release(take);
            ++taken_;
            idle_since_ = {};
            item_began_ = coarse_milliseconds();
            if (take.ticket >= signals_.refill_ticket.load(std::memory_order_relaxed)) signals_.results.ring();
            return message;
        }
        if (take.status == shm::RingStatus::ended) return std::nullopt;
        if (is_idle_too_long()) {
            leaves_as_ = Phase::idle;
            return std::nullopt;
        }
        if (take.status == shm::RingStatus::empty) wait_for_tasks();
    }
}

// So long that it leaves.
bool Worker::is_idle_too_long() const noexcept {
    return idle_since_ != Guard::Clock::time_point() && order_.idle_timeout != WorkerOrder::kNever &&
           Guard::Clock::now() - idle_since_ >= order_.idle_timeout;
}

void Worker::wait_for_tasks() {
    signals_.results.ring();  // the parent counts on it that an idle worker says so
    if (spinner_.spin([&]() noexcept { return tasks_.readable(); }, taken_)) return;
    const auto ticket = signals_.tasks.listen();
    if (!tasks_.readable() && !stats_.is_unneeded()) sleep_until_tasks(ticket);
}

void Worker::sleep_until_tasks(shm::Doorbell::Ticket ticket) {
    const auto now = Guard::Clock::now();
    if (idle_since_ == Guard::Clock::time_point()) idle_since_ = now;
    stats_.begin_wait(now);
    if (order_.idle_timeout == WorkerOrder::kNever)
        signals_.tasks.wait(ticket);
    else
        signals_.tasks.wait(ticket, idle_since_ + order_.idle_timeout);
    stats_.end_wait(Guard::Clock::now());
}

bool Worker::has_grown_too_large() const {
    return order_.memory_recycle != 0 && os::private_memory(pid_) > memory_at_start_ + order_.memory_recycle;
}

void Worker::run_task(const TaskMessage& message) {
    guarded_ = message.is_guarded;
    if (guarded_) guard_.begin();
    if (is_abandoned(message)) return drop_items(message, 0);
    if (message.tells_start) say_started(message);
    serial::Source in(memory_.bytes(message.payload), serial::Trust::channel);
    ReceivedHandles handles;
    in.set_carrier(&handles);
    detail::LoadedTask own;
    const detail::LoadedTask* task = &own;
    try {
        if (message.job == TaskMessage::kOwnCallable)
            load(own, in);
        else
            task = &loaded(message.job, handles);
    } catch (...) {
        fail_items(message, process::caught_error());
        return;
    }
    const bool captures_descriptors = task != &own && handles.taken() != 0;
    if (message.is_chunk)
        run_chunk(message, *task, in);
    else
        run_item(message.task, 0, *task, in);
    if (captures_descriptors) jobs_[message.job] = {};  // an end kept here would keep its pipe open
}

void Worker::run_chunk(const TaskMessage& message, const detail::LoadedTask& task, serial::Source& in) {
    for (std::uint32_t item = 0; item != message.items; ++item) {
        item_.store(item, std::memory_order_release);
        if (guarded_ && item != 0) guard_.begin();
        if (is_abandoned(message)) return drop_items(message, item);
        std::uint64_t size = 0;
        in.read(&size, sizeof size);
        serial::Source arguments(in.take(static_cast<std::size_t>(size)), serial::Trust::channel);
        arguments.set_carrier(in.carrier());
        run_item(message.task, item, task, arguments);
    }
}

void Worker::run_item(std::uint64_t id, std::uint32_t item, const detail::LoadedTask& task, serial::Source& in) {
    stats_.items.store(++items_, std::memory_order_relaxed);
    std::string trace;
    try {
        ResultSink sink(*this, id, item, ResultKind::value);
        serial::run_traced([&] { task.run(task.callable.get(), in, sink); }, &trace);
        sink.finish();
    } catch (...) {
        report(id, item, ResultKind::error, judge(process::caught_error()), std::move(trace));
        return;
    }
    publish();
}

void Worker::load(detail::LoadedTask& task, serial::Source& in) const {
    const serial::Token token = serial::read_token(in);
    serial::resolve(token, detail::kTaskRole)(in, &task);
}

// The callable of a job: loaded by the first of its tasks that comes here, kept until its line is another job's.
const detail::LoadedTask& Worker::loaded(std::uint32_t line, ReceivedHandles& handles) {
    if (line >= jobs_.size()) jobs_.resize(line + std::size_t{1});
    Loaded& kept = jobs_[line];
    const JobLine& job = job_lines_[line];
    if (kept.generation == job.generation) return kept.task;
    kept = {};
    serial::Source in({shm::LendingArena::data(memory_.segment(), {job.block}), static_cast<std::size_t>(job.size)},
                      serial::Trust::channel);
    in.set_carrier(&handles);
    load(kept.task, in);
    kept.generation = job.generation;
    return kept.task;
}

// Whether nobody waits for the results of this task's job any more.
bool Worker::is_abandoned(const TaskMessage& message) const noexcept {
    if (message.job == TaskMessage::kOwnCallable)
        return message.is_guarded && memory_.cancelled(TaskId::from_raw(message.task)).load() == message.task;
    const JobLine& job = job_lines_[message.job];
    return job.abandoned.load() == job.generation;
}

// The parent counts the items of every task until the last one.
void Worker::drop_items(const TaskMessage& message, std::uint32_t first) {
    for (std::uint32_t item = first; item != message.items; ++item) {
        item_.store(item, std::memory_order_release);
        ResultSink sink(*this, message.task, item, ResultKind::dropped);
        sink.finish();
        publish();
    }
}

void Worker::say_started(const TaskMessage& message) {
    ResultSink sink(*this, message.task, 0, ResultKind::started);
    sink.finish();
    results_.publish();
    signals_.results.ring();
}

void Worker::fail_items(const TaskMessage& message, const std::exception_ptr& error) {
    for (std::uint32_t item = 0; item != message.items; ++item)
        report(message.task, item, ResultKind::error, error, {});
}

void Worker::report(std::uint64_t id, std::uint32_t item, ResultKind kind, const std::exception_ptr& error,
                    std::string trace) {
    ResultSink sink(*this, id, item, kind);
    RemoteError::Origin origin;
    origin.pid = pid_;
    origin.process_name = process::runtime().identity.name;
    origin.trace = std::move(trace);
    serial::write_exception(sink, error, origin);
    sink.finish();
    publish();
}

// In milliseconds, of what ends now; the next one begins.
std::uint32_t Worker::time_of_item() noexcept {
    const std::uint32_t now = coarse_milliseconds();
    return std::min(now - std::exchange(item_began_, now), ResultMessage::kMostTime);
}

void Worker::publish() {
    process::flush_printed();                                   // what a task has printed is out before its result
    if (guarded_ && !guard_.end()) os::die_by_signal(SIGKILL);  // as the parent is about to do
    results_.publish();
    const bool look = ++published_ % kResultsPerLook == 0;
    if (signals_.each_result.load(std::memory_order_relaxed) || (look && results_.size() >= memory_.result_cells() / 2))
        signals_.results.ring();
}

ResultMessage& Worker::room() {
    std::byte* room = results_.room();
    if (!room) room = wait_for_room();
    return *reinterpret_cast<ResultMessage*>(room);
}

// The time that passes here is not the item's.
std::byte* Worker::wait_for_room() {
    const auto spent = Guard::Clock::now() - guard_.since();
    if (guarded_ && !guard_.end()) os::die_by_signal(SIGKILL);
    std::byte* room = nullptr;
    while (!room) {
        signals_.results.ring();
        const auto ticket = room_bell_.listen();
        room = results_.room();
        if (room) break;
        room_bell_.wait(ticket);
    }
    if (guarded_) guard_.begin(Guard::Clock::now() - spent);
    return room;
}

void Worker::leave_if_copy() const noexcept {
    if (os::current_pid() != pid_) os::exit_now(0);
}

// Under a memory limit a failed allocation means that the task went over it.
std::exception_ptr Worker::judge(std::exception_ptr error) const {
    if (order_.memory_limit == 0) return error;
    try {
        std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
        return std::make_exception_ptr(MemoryLimitError("the task wants more memory than the pool's limit of " +
                                                        std::to_string(order_.memory_limit) + " bytes"));
    } catch (...) {
        return error;
    }
}

}  // namespace cohort::pool
