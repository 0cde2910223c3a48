// SPDX-License-Identifier: MIT
// How a worker publishes what came of its tasks.
#include "pool/worker.hpp"

#include "pool/worker_values.hpp"
#include "process/runtime.hpp"
#include "process/stdio.hpp"
#include "serial/exception_record.hpp"

#include <cohort/base/errors.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace cohort::pool {

namespace {

// How often a worker whose result ring fills looks whether its parent should know.
constexpr unsigned kResultsPerLook = 64;

// So many parts may wait for the parent.
constexpr std::uint64_t kPartsAhead = 3;
// A parent that has other things to do is waited for at most as long as it takes to copy the rest slowly.
constexpr std::chrono::nanoseconds kPatiencePerByte{4};

}  // namespace

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

}  // namespace cohort::pool
