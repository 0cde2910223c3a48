// SPDX-License-Identifier: MIT
#pragma once

#include "pool/payload_sink.hpp"
#include "pool/task_handles.hpp"
#include "pool/worker.hpp"

#include <cohort/serial/source.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>

// How a worker's values go to its parent and come from there, the long ones in parts.
namespace cohort::pool {

/// Writes a result, straight into the place in the ring from which the parent reads it. A long range of bytes goes in
/// parts, which the parent reads meanwhile, if it wants that: so the same small blocks are used again and again, and
/// stay in the cache. When the parent does not keep up, the rest goes as one.
class Worker::ResultSink final : public PayloadSink {
public:
    ResultSink(Worker& worker, std::uint64_t task, std::uint32_t item, ResultKind kind) noexcept
        : PayloadSink(worker.memory_, worker.arena_), worker_(worker), task_(task), item_(item), kind_(kind) {
        set_carrier(&handles_);
    }

private:
    // A part of a long result: with what is around it a block of 256 KiB, and whole items of most sizes.
    static constexpr std::size_t kPart = ArgumentWindow::kPart;
    // What is shorter goes at once.
    static constexpr std::size_t kWorthParts = 2 * kPart;

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
    ResultHandles handles_{};
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

}  // namespace cohort::pool
