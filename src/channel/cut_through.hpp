// SPDX-License-Identifier: MIT
#pragma once

#include "channel/queue_end.hpp"
#include "shm/arena.hpp"
#include "shm/until.hpp"

#include <cohort/base/timeout.hpp>
#include <cohort/serial/growing_message.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

// A long message is read while it is still being written, as a cut-through switch forwards a packet. Whoever takes the
// item out of its cell finds out whether it is the one that was read. A message that is longer still, and has a reader
// from the beginning on, goes through a window that stays in the cache, from the hands of the one into those of the
// other, and needs no cell.
namespace cohort::channel {

/// From which sizes on this is done, in bytes. Only tests change it, before processes share a queue.
struct CutThroughSizes {
    std::size_t shown = std::size_t{1} << 20;      ///< a range of this length is shown
    std::size_t streamed = std::size_t{8} << 20;   ///< one of this length may go through a window
    std::size_t piece = std::size_t{128} << 10;    ///< so much is written between two words about it
    std::size_t window = 8;                        ///< pieces in it: at most ShownWord::kMostAhead
    std::size_t latest = std::size_t{4} << 20;     ///< where so much has been written, no window is begun any more
    std::chrono::nanoseconds patience{2'000'000};  ///< one waits so long for the other to make progress
    std::chrono::nanoseconds redo{25'000};         ///< and the producer for each piece that it would write again
    std::chrono::nanoseconds for_room{2'000'000};  ///< it waits so long for room in the window
    std::chrono::nanoseconds head_start{0};        ///< so long nothing is written that a reader may come for

    std::size_t window_bytes() const noexcept { return window * piece; }
    /// The window, and a byte for each piece of a message of `size`: whether it is there.
    std::size_t bytes_behind(std::size_t size) const noexcept { return window_bytes() + size / piece + 1; }
};
extern CutThroughSizes cut_through_sizes;

/// What a queue says of the block that it shows: the name of the block, which is never used twice, and what became of
/// it, in one word. Zero: none is shown.
///
/// Transitions, each by one compare-exchange of the whole word, so that who comes late changes nothing:
///   nothing, or a block that is no more → open            the producer
///   open → read, 0 pieces                                 a consumer that has found the queue empty after it saw this
///   read, n pieces → read, n + 1 pieces                   that consumer
///   read → taken                                          that consumer, which has the whole message: it is the item
///   read → left                                           that consumer or the producer: it goes into a cell
///   any of these → nothing                                the producer
class ShownWord {
public:
    /// So many pieces may be written and not read: of the count there are 7 bits.
    static constexpr std::size_t kMostAhead = 64;

    constexpr explicit ShownWord(std::uint64_t raw) noexcept : raw_(raw) {}
    constexpr explicit ShownWord(shm::BlockName block) noexcept
        : raw_(std::uint64_t{block.generation} << 32 | block.place) {}
    constexpr ShownWord with_reader(std::size_t pieces) const noexcept { return at(kRead | (pieces & kCount)); }
    constexpr ShownWord left() const noexcept { return at(kLeft); }
    constexpr ShownWord taken() const noexcept { return at(kTaken); }

    constexpr std::uint64_t raw() const noexcept { return raw_; }
    constexpr shm::BlockName block() const noexcept {
        return {static_cast<std::uint32_t>(raw_) & kPlace, static_cast<std::uint32_t>(raw_ >> 32)};
    }
    constexpr bool is_open() const noexcept { return raw_ != 0 && step() == 0; }
    constexpr bool has_reader() const noexcept { return (step() & kRead) != 0; }
    constexpr bool is_taken() const noexcept { return step() == kTaken; }
    /// How many pieces were read beyond `known`, fewer than 2 * kMostAhead. REQUIRES: has_reader().
    constexpr std::size_t pieces_beyond(std::size_t known) const noexcept { return (step() - known) & kCount; }

    friend constexpr bool operator==(ShownWord, ShownWord) noexcept = default;

private:
    static constexpr unsigned kShift = shm::BlockTag::kPlaceBits;
    static constexpr std::uint32_t kPlace = shm::BlockTag::kMostPlaces - 1;
    enum : std::uint64_t { kLeft = 1, kTaken = 2, kRead = 128, kCount = 127, kStep = 255 };
    constexpr std::uint64_t step() const noexcept { return raw_ >> kShift & kStep; }
    constexpr ShownWord at(std::uint64_t step) const noexcept {
        return ShownWord((raw_ & ~(std::uint64_t{kStep} << kShift)) | step << kShift);
    }

    std::uint64_t raw_;
};

/// Shows the block of a long message to those who wait for an item, while it is being written.
///
/// Invariants
///  1. What is said to be written is written, and does not change until the item was taken.
///  2. A place in the window is written again only after its reader has said that it has read it, and never after the
///     window was left. Where there is no room in time, a piece goes to its own place.
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
    /// @param window   the place of a window in the block, behind the message; 0: it has none
    /// @returns false if another block is shown
    bool show(shm::BlockName block, std::size_t size, std::size_t written, std::size_t window = 0) noexcept;
    /// Writes the rest of the message. Who reads it is waited for until `deadline` at most.
    void write(std::span<const std::byte> rest, const Deadline& deadline) noexcept;
    /// So many bytes are in their places now.
    void advance(std::size_t written) noexcept;
    /// Whether a consumer has got the message: it is no item of the queue any more, and was one.
    bool taken() const noexcept { return taken_; }
    /// REQUIRED before the block is freed.
    void withdraw() noexcept;

private:
    ShownWord word() const noexcept { return ShownWord(queue_->shown().load(std::memory_order_acquire)); }
    bool may_stream() const noexcept;
    bool stream(std::span<const std::byte> rest, const Deadline& deadline) noexcept;
    bool wait_for_reader(std::size_t pieces, std::chrono::nanoseconds patience, const Deadline& deadline) noexcept;
    bool leave() noexcept;
    void exchange(ShownWord from, std::uint64_t to) noexcept;

    QueueEnd* queue_;
    shm::BlockName block_{};
    std::size_t written_ = 0;
    std::size_t window_ = 0;
    std::size_t read_ = 0;  ///< pieces of the window
    bool taken_ = false;
};

/// Reads what a ShownBlock shows, while there is no item. At most one message, and only the first who comes.
///
/// Thread safety: none. DEATH: the message was taken, or it was not; nothing else changes.
class CutThroughReader final : public shm::QueueCore::Meanwhile {
public:
    /// @param until  when the taker stops to wait
    CutThroughReader(QueueEnd& queue, serial::GrowingMessage& message, shm::Until until = {}) noexcept
        : queue_(&queue), message_(&message), until_(until) {}
    ~CutThroughReader() { leave(); }
    CutThroughReader(const CutThroughReader&) = delete;
    CutThroughReader& operator=(const CutThroughReader&) = delete;

    bool ready() const noexcept override;
    /// @returns true if the whole message was read and is the caller's
    bool work(shm::RingStatus seen) noexcept override;

    /// How many bytes of the message in this block, which was taken, were read. If it is another one, what was read is
    /// forgotten.
    std::size_t read_of(shm::BlockName block) noexcept;

private:
    enum class State : std::uint8_t {
        looking,  ///< for a block
        seen,     ///< it is `block_`
        reading,  ///< the reader of `block_`
        over,
    };
    /// Where bytes were found: in their places, written before the window was begun or after it was left; in their
    /// places meanwhile; in the window.
    enum class From : std::uint8_t { place, stream, window };
    struct Part {
        std::span<const std::byte> bytes{};
        From from = From::place;
    };

    ShownWord word() const noexcept { return ShownWord(queue_->shown().load(std::memory_order_acquire)); }
    bool is_shown() const noexcept { return word().block() == block_; }
    void look() noexcept;
    void attach(shm::RingStatus seen) noexcept;
    bool begin() noexcept;
    bool read_on() noexcept;
    Part next() const noexcept;
    Part wait_for_next() const noexcept;
    bool passed() const noexcept;
    bool take() noexcept;
    void leave() noexcept;
    ShownWord reading() const noexcept { return ShownWord(block_).with_reader(pieces_); }
    bool exchange(ShownWord from, ShownWord to) noexcept;

    QueueEnd* queue_;
    serial::GrowingMessage* message_;
    const shm::Until until_;
    State state_ = State::looking;
    shm::BlockName block_{};
    std::size_t size_ = 0;
    std::size_t window_ = 0;
    std::size_t read_ = 0;
    std::size_t pieces_ = 0;  ///< of the window that were read
};

}  // namespace cohort::channel
