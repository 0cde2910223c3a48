// SPDX-License-Identifier: MIT
#pragma once

#include "channel/cut_through.hpp"
#include "serial/carried_descriptors.hpp"
#include "shm/tree.hpp"

#include <cohort/base/timeout.hpp>
#include <cohort/serial/sink.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace cohort::channel {

/// Writes the message of an item: into memory of the thread while it is short, then straight into a block of the arena,
/// behind a BlockFront, which is this process's until it is released. A long range of bytes is shown to those who wait
/// for an item as it is written.
///
/// Thread safety: none. DEATH: the block is freed with what else the process owned.
class ItemSink final : public serial::Sink {
public:
    /// What a thread keeps for its next message.
    struct Memory {
        std::array<std::byte, 4096> bytes;
        serial::OutgoingDescriptors handles{true};
    };

    /// @param deadline  of the put: Full is thrown where memory cannot be had in time, since another process was
    ///                  stopped while it took some
    ItemSink(Memory& memory, QueueEnd& queue, const Deadline& deadline) noexcept;
    ~ItemSink() override;

    std::span<const std::byte> bytes() const noexcept;
    /// What is longer than `room` goes into a block, if it is in none.
    void settle(std::size_t room);
    /// The block with the message, if there is one.
    shm::BlockName block() const noexcept { return block_; }
    /// Whether a consumer has got the message while it was written.
    bool taken() const noexcept { return shown_.taken(); }
    /// It belongs to somebody else.
    void forget_block() noexcept { block_ = {}; }

private:
    void grow(std::size_t more) override;
    void copy(std::byte* to, const void* from, std::size_t size) noexcept override;
    void move_to_block(std::size_t capacity);

    const Deadline& patience() noexcept;

    std::byte* begin_;
    const Deadline deadline_;
    std::optional<Deadline> patience_{};  ///< with those who are waited for while the message is written
    const bool may_stream_;
    shm::BlockName block_{};
    std::size_t window_ = 0;  ///< where in it, behind the message; 0: it has none
    ShownBlock shown_;
};

}  // namespace cohort::channel
