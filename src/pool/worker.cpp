// SPDX-License-Identifier: MIT
// A worker's life, and its way to the next task.
#include "pool/worker.hpp"

#include "os/affinity.hpp"
#include "os/memory_limit.hpp"
#include "os/process_identity.hpp"
#include "process/child.hpp"
#include "serial/throw_trace.hpp"

#include <chrono>
#include <cstring>
#include <string>
#include <utility>

namespace cohort::pool {

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

}  // namespace cohort::pool
