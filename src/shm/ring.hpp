// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owner.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace cohort::shm {

/// How an attempt to put or take ended.
enum class RingStatus : std::uint8_t {
    done,     ///< the slot is the caller's
    empty,    ///< nothing to take
    full,     ///< no free cell
    pending,  ///< the next item is claimed and not yet published by a living producer: look again at once
    ended,    ///< the ring was closed (for takers: and is drained)
};

/// A lock-free first-in first-out ring of fixed cells in shared memory, for any number of producer and consumer
/// processes, in which every claim names its owner. What a killed process leaves can be told and repaired by the
/// others.
///
/// The object is a process-local view of `bytes(shape)` bytes of shared memory. It owns nothing.
///
/// Words. Ticket t lives in cell t mod n. A cell's word is (t, FREE), (t, FULL) or (t, SKIP); beside the cells stand
/// the tags claim[i] and take[i], each (lap of t, owner). Tickets begin at n, so that zeroed memory is never a valid
/// ring.
///   put  FREE(t)? → CAS claim[t] from the previous lap's tag to (t, me) → advance tail → write the item → FULL(t)
///   take FULL(h)? → CAS take[h] from the previous lap's tag to (h, me) → advance head → read the item → FREE(h + n)
/// Tail and head are advanced by CAS, by the claimant or by whoever meets the tag before he did it.
///
/// Invariants
///  1. head <= tail <= head + n, and both only grow.
///  2. A ticket is claimed once and taken once: the CAS of its tag from the previous lap decides by whom.
///  3. The word of ticket t passes FREE(t) → FULL(t) or SKIP(t) → FREE(t + n). Only the owner in claim[t] stores
///  FULL(t)
///     and only the owner in take[t] stores FREE(t + n), unless that owner is dead.
///  4. FULL(t) is visible only after the whole item (release store, acquire load), FREE(t + n) only after the last
///  read.
///  5. tail > t before FULL(t) is stored, and head > t before FREE(t + n) is stored.
///
/// Thread safety: all functions, from any thread of any process, at once.
/// FORK: the view is valid in the child where the memory is mapped shared; the child acts under its own Owner.
/// DEATH: at any instruction, every prefix of each operation is a valid state. A claimed cell that was not published
/// becomes SKIP and nobody sees it; a taken cell that was not released becomes free and counts as lost. The others
/// repair one cell when they meet it (if the Liveness tells them), or all of them in sweep().
class Ring {
public:
    struct Shape {
        std::uint32_t cells = 0;       ///< a power of two, at least 2
        std::uint32_t cell_bytes = 0;  ///< a power of two, at least 16; 8 of them are the cell's word
    };
    /// A claimed cell. `data` has cell_bytes - 8 bytes, aligned to 8, and is the caller's until commit().
    struct Put {
        RingStatus status;
        std::byte* data;
        std::uint64_t ticket;
        explicit operator bool() const noexcept { return status == RingStatus::done; }
    };
    /// A taken cell. `data` may be read until release().
    struct Take {
        RingStatus status;
        const std::byte* data;
        std::uint64_t ticket;
        explicit operator bool() const noexcept { return status == RingStatus::done; }
    };
    /// Called by sweep() for an item that its dead taker had not released, before its cell is free again.
    using LostItem = void (*)(void* context, std::uint64_t ticket, const std::byte* data) noexcept;

    /// The size in shared memory. REQUIRES: a valid shape.
    static std::size_t bytes(Shape shape) noexcept;
    /// Makes an empty ring. `memory` is aligned to 128; nobody else uses it yet.
    static void format(std::byte* memory, Shape shape) noexcept;
    /// A view of a formatted ring. Throws std::runtime_error if the memory holds none or one of another layout version.
    explicit Ring(std::byte* memory, Liveness liveness = {});

    /// Claims the next cell for `me`. Statuses: done, full, ended. Lock-free; never blocks. A claimed cell must be
    /// committed: until then it holds up the consumers.
    Put try_claim(Owner me) noexcept;
    /// Where the item of the next try_claim() will lie, if there is a free cell, else nullptr. It is not claimed: who
    /// writes there keeps nobody waiting. REQUIRES: the caller is the only producer, and the ring is not closed.
    std::byte* room() const noexcept;
    /// Publishes the item. A Doorbell for consumers is to be rung after it.
    void commit(const Put& slot) noexcept;

    /// Takes the oldest item for `me`. Statuses: done, empty, pending, ended. Lock-free; never blocks.
    Take try_take(Owner me) noexcept;
    /// Gives the cell back to the producers. Returns true at every n / 8 cells: then wake producers that wait for room.
    bool release(const Take& slot) noexcept;

    /// Whether try_take would find something (an item, the end): one load of the next cell's word for the waiting loop.
    bool readable() const noexcept;
    /// Whether try_claim would find a free cell or the end.
    bool writable() const noexcept;

    /// Puts begun minus takes begun, at one moment. Claims of the dead count until they are swept.
    std::uint64_t size() const noexcept;
    std::uint32_t capacity() const noexcept { return mask_ + 1; }
    std::size_t item_bytes() const noexcept { return (std::size_t{1} << cell_shift_) - sizeof(Word); }

    /// Repairs everything that `dead` left: its claims become SKIP, its takes are shown to `show` (may be null),
    /// counted and freed. Returns the number of items lost. May run in several processes at once, and die, too: an item
    /// is counted once; it is shown again if the sweeper died between showing and freeing it. REQUIRES: no thread of
    /// `dead` runs any more.
    std::uint64_t sweep(Owner dead, LostItem show, void* context) noexcept;
    /// Items that died with their taker since format().
    std::uint64_t lost() const noexcept;

    /// Ends the ring: puts that have not claimed their cell fail with `ended`, takers get what is left, then `ended`.
    void close() noexcept;

private:
    using Word = std::atomic<std::uint64_t>;
    static_assert(Word::is_always_lock_free);
    struct Header;

    static Header& checked(std::byte* memory);
    Ring(Header& header, Liveness liveness) noexcept;

    enum : std::uint64_t { kFree = 1, kFull = 2, kSkip = 3, kStateMask = 3 };
    static constexpr unsigned kStateBits = 2;
    static constexpr std::uint64_t word_of(std::uint64_t ticket, std::uint64_t state) noexcept {
        return ticket << kStateBits | state;
    }
    std::uint32_t lap(std::uint64_t ticket) const noexcept {
        return static_cast<std::uint32_t>(ticket >> cells_shift_);
    }
    std::uint64_t tag(std::uint64_t ticket, Owner owner) const noexcept {
        return std::uint64_t{lap(ticket)} << 32 | owner.raw();
    }
    static std::uint32_t tag_lap(std::uint64_t tag) noexcept { return static_cast<std::uint32_t>(tag >> 32); }
    static Owner tag_owner(std::uint64_t tag) noexcept { return Owner::from_raw(static_cast<std::uint32_t>(tag)); }

    std::size_t index(std::uint64_t ticket) const noexcept { return static_cast<std::size_t>(ticket & mask_); }
    std::byte* cell(std::uint64_t ticket) const noexcept { return cells_ + (index(ticket) << cell_shift_); }
    Word& word(std::uint64_t ticket) const noexcept { return *reinterpret_cast<Word*>(cell(ticket)); }
    Word& claim(std::uint64_t ticket) const noexcept { return claims_[index(ticket)]; }
    Word& take(std::uint64_t ticket) const noexcept { return takes_[index(ticket)]; }

    static void advance(Word& end, std::uint64_t ticket) noexcept;
    bool repair_claim(std::uint64_t ticket) noexcept;
    void skip(std::uint64_t ticket) noexcept;
    bool ended_at(std::uint64_t ticket) const noexcept;
    RingStatus full_or_repaired(std::uint64_t ticket) noexcept;
    RingStatus empty_or_repaired(std::uint64_t ticket) noexcept;
    bool free_taken(std::uint64_t ticket, LostItem show, void* context) noexcept;
    bool was_freed(std::uint64_t ticket) const noexcept;
    void settle_intent() noexcept;

    Header* header_;
    Word* tail_;
    Word* head_;
    Word* claims_;
    Word* takes_;
    std::byte* cells_;
    std::uint32_t mask_;
    unsigned cells_shift_;
    unsigned cell_shift_;
    std::uint64_t wake_mask_;
    Liveness liveness_;
};

}  // namespace cohort::shm
