// SPDX-License-Identifier: MIT
#pragma once

#include "channel/memory_event.hpp"
#include "shm/queue_core.hpp"
#include "shm/tree.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace cohort::channel {

/// What lies in a cell before a message, or instead of one that is longer than the cell.
struct MessageHead {
    /// In `size`: descriptors belong to the message; its last bytes are the name of the object for which the depot
    /// keeps them.
    static constexpr std::uint64_t kBringsDescriptors = std::uint64_t{1} << 63;

    std::uint64_t size;
    shm::BlockName block;   ///< where it lies, if it is long
    shm::BlockName parcel;  ///< of the shared objects in it
};

/// Stands in a block before its message. Written by the producer alone; valid while the block is shown, see
/// cut_through.hpp. Places are offsets in the message.
struct alignas(64) BlockFront {
    std::atomic<std::uint64_t> size;          ///< of the message, in bytes
    std::atomic<std::uint64_t> written;       ///< so many of them are in their own places; only grows
    std::atomic<std::uint64_t> window;        ///< where the window is, behind the message; 0: there is none
    std::atomic<std::uint64_t> window_begin;  ///< from here on pieces go there, if it has room
    std::atomic<std::uint64_t> streamed;  ///< up to here they are there or in their places; 0: not begun; only grows
};

/// A queue as this process sees it.
///
/// Layout of the object: QueueHead, then what QueueCore needs; its rings and long messages are parts of the object.
///
/// Thread safety: safe. FORK: the child has a copy that it may use.
/// DEATH: as QueueCore; what an item that was lost had in blocks is freed by whoever repairs its cell.
class QueueEnd final : public MemoryEvent {
public:
    static constexpr std::size_t kMessageCell = 128;

    /// A new queue.
    /// @param plain_size  the size of a plain item; 0: messages
    /// @param joinable    whether it accounts for items that were taken and are not done
    static std::shared_ptr<shm::Object> create(std::uint64_t maxsize, std::size_t plain_size, bool joinable);
    explicit QueueEnd(std::shared_ptr<shm::Object> object);

    shm::QueueCore& core() noexcept { return core_; }
    std::uint32_t place() const noexcept { return object_->name().place; }
    std::size_t plain_size() const noexcept { return plain_size_; }
    std::size_t message_room() const noexcept { return core_.item_bytes() - sizeof(MessageHead); }
    /// The block that is being written where those who wait may read, and how far they are: a ShownWord.
    std::atomic<std::uint64_t>& shown() const noexcept;

    // For wait(): ready when a get() would not wait, since there is an item or the end.
    const void* identity() const noexcept override { return object_.get(); }
    bool ready(bool last) override;
    shm::Watch listen() override { return core_.listen(); }

    /// For QueueCore: frees the blocks that were handed over for this cell, and that nobody has taken. What stands
    /// there may also be a dead process's, which its sweep frees, or left of an older item. `context` is the QueueEnd.
    static void free_item(void* context, std::uint64_t ticket, const std::byte* data) noexcept;

private:
    const std::shared_ptr<shm::Object> object_;
    const std::size_t plain_size_;
    shm::QueueCore core_;
};

}  // namespace cohort::channel
