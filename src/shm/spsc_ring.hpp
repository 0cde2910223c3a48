// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cohort::shm {

/// A first-in first-out ring of fixed cells from one writer process to one reader process: fewer steps than Ring, since
/// nobody competes. SpscWriter and SpscReader are the two process-local ends; each belongs to one thread at a time.
///
/// Layout: constants, then the reader's progress in a cache line of its own, then the cells. Ticket t lies in cell
/// t mod n; tickets begin at n. The first word of a cell is the ticket of the item in it, or 0: free. Neither end looks
/// at the other's progress: each looks at the next cell, which it is going to write anyway. (To look at an index, and
/// leave the cells as they were read, costs the writer an invalidation for each item: 20 ns against 9 ns.)
///
/// Invariants
///  1. The word of a cell becomes t after the whole item t is written (release, acquire); nothing else of the writer is
///     in shared memory.
///  2. It becomes 0 after the last read of the item (release, acquire), and after `head` has become t + 1.
///
/// DEATH: each item whose word is published is whole, so after the writer's death the reader drains what is left: all
/// tickets in order up to the first one missing. After the reader's death a new reader goes on at `head`: at the item
/// that the dead one had not released; it frees the cell before, which the dead one may have left.
/// FORK: an end that is in use belongs to the process that uses it; the other end may be made before or after a fork.
class SpscRing {
public:
    struct Shape {
        std::uint32_t cells = 0;       ///< a power of two, at least 2
        std::uint32_t cell_bytes = 0;  ///< a power of two, at least 16; 8 of them are the cell's word
    };
    /// The size in shared memory. REQUIRES: a valid shape.
    static std::size_t bytes(Shape shape) noexcept;
    /// Makes an empty ring in zeroed or used memory, aligned to 128, that nobody else uses yet.
    static void format(std::byte* memory, Shape shape) noexcept;

protected:
    using Word = std::atomic<std::uint64_t>;
    static constexpr std::uint64_t kFree = 0;
    struct Header;

    explicit SpscRing(std::byte* memory);
    std::byte* cell(std::uint64_t ticket) const noexcept { return cells_ + ((ticket & mask_) << cell_shift_); }
    Word& word(std::uint64_t ticket) const noexcept { return *reinterpret_cast<Word*>(cell(ticket)); }

    Word* head_;
    std::byte* cells_;
    std::uint64_t mask_;
    unsigned cell_shift_;
};

/// The writing end. Thread safety: one thread of one process at a time.
class SpscWriter : public SpscRing {
public:
    /// Goes on behind the last item published. Throws std::runtime_error if the memory holds no such ring.
    explicit SpscWriter(std::byte* memory);

    /// Room for the next item (cell_bytes - 8 bytes, aligned to 8), or nullptr if the ring is full. It is not claimed:
    /// to call this again without publish() gives the same room.
    std::byte* room() const noexcept { return writable() ? cell(tail_) + sizeof(Word) : nullptr; }
    /// Whether there is room: one load of the cell that would be written.
    bool writable() const noexcept { return word(tail_).load(std::memory_order_acquire) == kFree; }
    /// Publishes the item in room(). The reader's Doorbell is to be rung after it.
    void publish() noexcept {
        word(tail_).store(tail_, std::memory_order_release);
        ++tail_;
    }
    /// Items published and not released, as far as this end knows: never less than there are.
    std::uint64_t size() const noexcept { return tail_ - head_->load(std::memory_order_acquire); }

private:
    std::uint64_t tail_;
};

/// The reading end. Thread safety: one thread of one process at a time.
class SpscReader : public SpscRing {
public:
    /// Goes on at the first item that was not released. Throws std::runtime_error if the memory holds no such ring.
    explicit SpscReader(std::byte* memory);

    /// The oldest item, or nullptr if there is none. It stays the oldest until release().
    const std::byte* front() const noexcept { return readable() ? cell(next_) + sizeof(Word) : nullptr; }
    /// The item after front(), or nullptr if there is none.
    const std::byte* second() const noexcept { return readable(1) ? cell(next_ + 1) + sizeof(Word) : nullptr; }
    /// Whether there is an item: one load of a line that only the writer writes.
    bool readable() const noexcept { return readable(0); }
    /// Whether there are more than `ahead` items.
    bool readable(std::uint64_t ahead) const noexcept {
        return word(next_ + ahead).load(std::memory_order_acquire) == next_ + ahead;
    }
    /// Gives the cell of front() back. Returns true at every n / 8 cells: then wake a writer that waits for room.
    bool release() noexcept {
        head_->store(next_ + 1, std::memory_order_release);
        word(next_++).store(kFree, std::memory_order_release);
        return (next_ & wake_mask_) == 0;
    }

private:
    std::uint64_t next_;
    std::uint64_t wake_mask_;
};

}  // namespace cohort::shm
