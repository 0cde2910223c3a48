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
#include <span>
#include <string>
#include <utility>

namespace cohort::pool {

namespace {

// How often a worker whose result ring fills looks whether its parent should know.
constexpr unsigned kResultsPerLook = 64;

// A part of a long result: with what is around it a block of 256 KiB, and whole items of most sizes.
constexpr std::size_t kPart = ArgumentWindow::kPart;
// What is shorter goes at once.
constexpr std::size_t kWorthParts = 2 * kPart;
// So many parts may wait for the parent.
constexpr std::uint64_t kPartsAhead = 3;
// A parent that has other things to do is waited for at most as long as it takes to copy the rest slowly.
constexpr std::chrono::nanoseconds kPatiencePerByte{4};

// Costs a few nanoseconds, and is right to a few milliseconds.
std::uint32_t coarse_milliseconds() noexcept {
    return static_cast<std::uint32_t>(os::coarse_time() / std::chrono::milliseconds(1));
}

std::span<const std::byte> take_sized(serial::Source& in) {
    std::uint64_t size = 0;
    in.read(&size, sizeof size);
    return in.take(static_cast<std::size_t>(size));
}

}  // namespace

/// Writes a result, straight into the place in the ring from which the parent reads it. A long range of bytes goes in
/// parts, which the parent reads meanwhile, if it wants that: so the same small blocks are used again and again, and
/// stay in the cache. When the parent does not keep up, the rest goes as one.
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
        if (!took_) took_ = worker_.time_of_item();
        message.took = *took_ & ResultMessage::kMostTime;
        message_ = &message;
        return message.payload;
    }

    void write_grown(const void* data, std::size_t size) override {
        std::size_t sent = 0;
        if (kind_ == ResultKind::value && worker_.wants_parts_) sent = send_parts(data, size);
        PayloadSink::write_grown(static_cast<const std::byte*>(data) + sent, size - sent);
    }

    // @returns how much of it has gone; never all
    std::size_t send_parts(const void* data, std::size_t size) {
        std::size_t sent = 0;
        while (size - sent >= kWorthParts && worker_.parent_keeps_up(size - sent)) {
            PayloadSink::write_grown(static_cast<const std::byte*>(data) + sent, kPart);
            sent += kPart;
            message_->kind = ResultKind::part;
            finish();
            begin_next();
            worker_.results_.publish();
            worker_.signals_.results.ring();
        }
        return sent;
    }

    Worker& worker_;
    std::uint64_t task_;
    std::uint32_t item_;
    ResultKind kind_;
    std::optional<std::uint32_t> took_{};
    ResultMessage* message_ = nullptr;  // the last place()
};

/// The items of an argument that the parent sends when it is asked for them.
class Worker::LongArgument final : public serial::Rest {
public:
    LongArgument(Worker& worker, std::uint64_t task) noexcept
        : worker_(worker), words_(worker.memory_.argument(worker.order_.place)), task_(TaskId::from_raw(task)) {}

    std::span<const std::byte> next(std::size_t left) override {
        if (asked_)
            ArgumentWindow::release(words_);
        else
            ask();
        worker_.signals_.results.ring();
        if (state() == State::waiting) worker_.pause_item([this] { wait(); });
        if (state() == State::refused) throw std::bad_alloc();  // or nobody wants the result
        const shm::BlockId block{words_.block.load(std::memory_order_relaxed)};
        std::byte* window = shm::LendingArena::data(worker_.memory_.segment(), block);
        return {ArgumentWindow::front(words_, window), std::min(left, ArgumentWindow::kPart)};
    }

private:
    using State = ArgumentWindow::State;

    State state() const noexcept { return ArgumentWindow::state(words_, task_); }

    void ask() {
        asked_ = true;
        ArgumentWindow::expect(words_);
        ResultSink sink(worker_, task_.raw(), 0, ResultKind::wants_argument);
        sink.finish();
        worker_.results_.publish();
    }

    void wait() const {
        for (;;) {
            const auto ticket = worker_.room_bell_.listen();
            if (state() != State::waiting) return;
            worker_.room_bell_.wait(ticket);
        }
    }

    Worker& worker_;
    ArgumentWindow::Words& words_;
    const TaskId task_;
    bool asked_ = false;
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
      batch_(memory, arena_, memory.stats(order.place).batch),
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
    wants_parts_ = message.wants_parts;
    if (guarded_) guard_.begin();
    if (is_abandoned(message)) return drop_items(message, 0);
    if (message.tells_start) say_started(message);
    serial::Source in(memory_.bytes(message.payload), serial::Trust::channel);
    ReceivedHandles handles;
    in.set_carrier(&handles);
    std::optional<LongArgument> argument;
    if (message.is_long) in.set_rest(&argument.emplace(*this, message.task));
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
    if (message.is_chunk && task->run_fixed)
        run_batches(message, *task, in);
    else if (message.is_chunk)
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
        if (task.argument_bytes != 0) {
            run_item(message.task, item, task, in);
            continue;
        }
        serial::Source arguments(take_sized(in), serial::Trust::channel);
        arguments.set_carrier(in.carrier());
        run_item(message.task, item, task, arguments);
    }
}

void Worker::run_batches(const TaskMessage& message, const detail::LoadedTask& task, serial::Source& in) {
    batch_.begin(task.result_bytes, message.items);
    result_.resize(task.result_bytes);
    std::uint32_t item = 0;
    while (item != message.items) {
        std::string trace;
        try {
            serial::run_traced([&] { run_on(message, task, in, item); }, &trace);
        } catch (...) {
            leave_if_copy();
            publish_batch(message, item, 0);
            report(message.task, item, ResultKind::error, judge(process::caught_error()), std::move(trace));
            ++item;
        }
    }
}

// Runs items from `item` on, until one throws.
void Worker::run_on(const TaskMessage& message, const detail::LoadedTask& task, serial::Source& in,
                    std::uint32_t& item) {
    for (; item != message.items; ++item) {
        item_.store(item, std::memory_order_release);  // after the result before it: then that is not lost
        if (guarded_ && item != 0) guard_.begin();
        if (is_abandoned(message)) {
            publish_batch(message, item, 0);
            drop_items(message, std::exchange(item, message.items));
            return;
        }
        stats_.items.store(++items_, std::memory_order_relaxed);
        run_fixed(task, in);
        leave_if_copy();
        batch_.add(result_.data());
        process::flush_printed();  // what a task has printed is out before its result
        end_guard();
        const std::uint32_t took = time_of_item();
        if (took != 0 || batch_.is_full()) publish_batch(message, item + 1, took);
    }
    item_.store(item, std::memory_order_release);
    publish_batch(message, item, 0);
}

// Into `result_`.
void Worker::run_fixed(const detail::LoadedTask& task, serial::Source& in) {
    if (task.argument_bytes != 0) return task.run_fixed(task.callable.get(), in, result_.data());
    serial::Source arguments(take_sized(in), serial::Trust::channel);
    arguments.set_carrier(in.carrier());
    task.run_fixed(task.callable.get(), arguments, result_.data());
}

// Publishes the results of the items before `end`.
void Worker::publish_batch(const TaskMessage& message, std::uint32_t end, std::uint32_t took) {
    if (batch_.is_empty()) return;
    ResultMessage& result = room();
    result.task = message.task;
    result.item = end - 1;
    result.kind = ResultKind::values;
    result.took = took & ResultMessage::kMostTime;
    batch_.hand_over(result.payload);
    send_result();
}

// Before the outcome of the item counts.
void Worker::end_guard() noexcept {
    if (guarded_ && !guard_.end()) os::die_by_signal(SIGKILL);  // as the parent is about to do
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
    if (message.is_single)
        return message.is_guarded && memory_.cancelled(TaskId::from_raw(message.task)).load() == message.task;
    const JobLine& job = job_lines_[message.job];
    return job.abandoned.load() == job.generation;
}

// The parent counts the items of every task until the last one: those from `first` on.
void Worker::drop_items(const TaskMessage& message, std::uint32_t first) {
    if (first == message.items) return;
    ResultSink sink(*this, message.task, message.items - 1, ResultKind::dropped);
    sink.finish();
    publish();
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
    process::flush_printed();  // what a task has printed is out before its result
    end_guard();
    send_result();
}

void Worker::send_result() {
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

// The time that passes in `wait` is not the item's, if there is one.
void Worker::pause_item(detail::FunctionRef<void()> wait) {
    const bool within_item = guarded_ && guard_.is_on();
    const auto spent = Guard::Clock::now() - guard_.since();
    if (within_item) end_guard();
    const std::uint32_t before = coarse_milliseconds();
    wait();
    item_began_ += coarse_milliseconds() - before;
    if (within_item) guard_.begin(Guard::Clock::now() - spent);
}

std::byte* Worker::wait_for_room() {
    std::byte* room = nullptr;
    pause_item([&] {
        while (!room) {
            signals_.results.ring();
            const auto ticket = room_bell_.listen();
            room = results_.room();
            if (room) break;
            room_bell_.wait(ticket);
        }
    });
    return room;
}

// Whether another part of a result may be sent, of which so much is left. Waits for that.
bool Worker::parent_keeps_up(std::size_t bytes) {
    const auto has_room = [&]() noexcept { return results_.size() < kPartsAhead; };
    if (has_room()) return true;
    pause_item([&] {
        signals_.results.ring();
        const auto end = Guard::Clock::now() + bytes * kPatiencePerByte;
        for (;;) {
            const auto ticket = room_bell_.listen();
            if (has_room() || Guard::Clock::now() >= end) break;
            room_bell_.wait(ticket, end);
        }
    });
    return has_room();
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
