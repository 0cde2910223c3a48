// SPDX-License-Identifier: MIT
// How a worker runs a task.
#include "pool/worker.hpp"

#include "os/clock.hpp"
#include "os/exit.hpp"
#include "os/process_identity.hpp"
#include "pool/worker_values.hpp"
#include "process/child.hpp"
#include "process/runtime.hpp"
#include "process/stdio.hpp"
#include "serial/throw_trace.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/serial/token.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <new>
#include <span>
#include <string>
#include <utility>

namespace cohort::pool {

namespace {

std::span<const std::byte> take_sized(serial::Source& in) {
    std::uint64_t size = 0;
    in.read(&size, sizeof size);
    return in.take(static_cast<std::size_t>(size));
}

}  // namespace

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
            count_item();
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
        run_fixed(task, in);
        leave_if_copy();
        count_item();
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

void Worker::run_item(std::uint64_t id, std::uint32_t item, const detail::LoadedTask& task, serial::Source& in) {
    std::string trace;
    try {
        ResultSink sink(*this, id, item, ResultKind::value);
        serial::run_traced([&] { task.run(task.callable.get(), in, sink); }, &trace);
        sink.finish();
    } catch (...) {
        leave_if_copy();
        count_item();
        report(id, item, ResultKind::error, judge(process::caught_error()), std::move(trace));
        return;
    }
    count_item();
    publish();
}

// Before its outcome is seen: who has that finds it counted.
void Worker::count_item() noexcept {
    stats_.items.store(++items_, std::memory_order_relaxed);
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

// Before the outcome of the item counts.
void Worker::end_guard() noexcept {
    if (guarded_ && !guard_.end()) os::die_by_signal(SIGKILL);  // as the parent is about to do
}

std::uint32_t Worker::coarse_milliseconds() noexcept {
    return static_cast<std::uint32_t>(os::coarse_time() / std::chrono::milliseconds(1));
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

// In milliseconds, of what ends now; the next one begins.
std::uint32_t Worker::time_of_item() noexcept {
    const std::uint32_t now = coarse_milliseconds();
    return std::min(now - std::exchange(item_began_, now), ResultMessage::kMostTime);
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
