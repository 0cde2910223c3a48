// SPDX-License-Identifier: MIT
#pragma once

#include "channel/queue_end.hpp"
#include "shm/arena.hpp"

#include <cohort/serial/growing_message.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

// A long message is read while it is still being written, as a cut-through switch forwards a packet. That is a hint:
// the queue does not know of it, and whoever takes the item finds out whether it is the one that was read.
namespace cohort::channel {

/// Shows the block of a long message to those who wait for an item, while it is being written.
///
/// Invariant: what is shown as written is written, and does not change until the item was taken.
///
/// Thread safety: none. DEATH: what the dead has shown is no block any more; the next one to show takes its place.
class ShownBlock {
public:
    explicit ShownBlock(QueueEnd& queue) noexcept : queue_(&queue) {}
    ~ShownBlock() { withdraw(); }
    ShownBlock(const ShownBlock&) = delete;
    ShownBlock& operator=(const ShownBlock&) = delete;

    /// @param block    of this process, with a BlockFront
    /// @param size     of the whole message
    /// @param written  how many bytes of it are there
    /// @returns false if another block is shown
    bool show(shm::BlockName block, std::size_t size, std::size_t written) noexcept;
    /// So many bytes are there now.
    void advance(std::size_t written) noexcept;
    /// REQUIRED before the block is freed.
    void withdraw() noexcept;

private:
    QueueEnd* queue_;
    shm::BlockName block_{};
};

/// Reads what a ShownBlock shows, while there is no item. At most one message, and only the first who comes.
///
/// Thread safety: none. DEATH: the message is not read before it was taken; nothing else changes.
class CutThroughReader final : public shm::QueueCore::Meanwhile {
public:
    CutThroughReader(QueueEnd& queue, serial::GrowingMessage& message) noexcept : queue_(&queue), message_(&message) {}

    bool ready() const noexcept override;
    void work() noexcept override;

    /// How many bytes of the message in this block, which was taken, were read. If it is another one, what was read is
    /// forgotten.
    std::size_t read_of(shm::BlockName block) noexcept;

private:
    enum class State : std::uint8_t { looking, reading, over };
    bool begin(shm::BlockName block) noexcept;

    QueueEnd* queue_;
    serial::GrowingMessage* message_;
    State state_ = State::looking;
    shm::BlockName block_{};
    std::size_t read_ = 0;
    std::size_t seen_ = 0;  ///< what is left of it is less than an item
};

}  // namespace cohort::channel
