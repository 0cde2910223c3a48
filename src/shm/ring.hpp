// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owner.hpp"
#include "shm/prefetch.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

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
/// Tail and head are advanced by CAS, by the claimant or by whoever meets the tag before he did it. A stretch of
/// tickets is claimed tag by tag, and its end advanced once. The ring ends at a ticket T by a bit in claim[T], beside
/// the previous lap's tag: from then on nobody can claim T. It can be opened again when it is empty; T is then one of
/// its tickets that has no item.
///
/// Invariants
///  1. head <= tail <= head + n, and both only grow.
///  2. A ticket is claimed once and taken once: the CAS of its tag from the previous lap decides by whom. Tickets after
///  it are claimed only by the same owner until the tail has passed it.
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
        std::uint32_t cell_bytes = 0;  ///< a multiple of 8, at least 16; 8 of them are the cell's word
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
    /// Successive cells, claimed or taken at once.
    struct Stretch {
        RingStatus status;
        std::uint32_t count;
        std::uint64_t ticket;  ///< of the first
        explicit operator bool() const noexcept { return status == RingStatus::done; }
    };
    /// Called for an item that its dead taker had not released, before its cell is free again.
    using LostItem = void (*)(void* context, std::uint64_t ticket, const std::byte* data) noexcept;

    /// Tells whether an item that a dead taker had is accounted for elsewhere, and not to be counted as lost here.
    using Accounted = bool (*)(const void* context, Owner taker, std::uint64_t ticket) noexcept;

    /// The size in shared memory. REQUIRES: a valid shape.
    static std::size_t bytes(Shape shape) noexcept;
    /// Makes an empty ring. `memory` is aligned to 128; nobody else uses it yet.
    static void format(std::byte* memory, Shape shape) noexcept;
    /// A view of a formatted ring. Throws std::runtime_error if the memory holds none or one of another layout version.
    /// @param show shown what is lost when a put meets a dead taker's cell; may be null
    explicit Ring(std::byte* memory, Liveness liveness = {}, LostItem show = nullptr, void* context = nullptr);

    /// Before the view is used by anybody: `show` is shown the cell of each claim whose producer died, before it
    /// becomes a SKIP; perhaps by several at once, perhaps again. What stands in it may be half written, or older.
    void show_abandoned(LostItem show, void* context) noexcept {
        abandoned_ = show;
        abandoned_context_ = context;
    }
    /// Before the view is used by anybody.
    void account_elsewhere(Accounted accounted, const void* context) noexcept {
        accounted_ = accounted;
        accounted_context_ = context;
    }

    /// Claims the next cell for `me`. Statuses: done, full, ended. Lock-free; never blocks. A claimed cell must be
    /// committed: until then it holds up the consumers.
    Put try_claim(Owner me) noexcept {
        return claim_if(me, [](std::uint64_t) { return true; });
    }
    /// The same, if `allowed(ticket)` says so just before the claim, else `full`.
    template <class Allowed>
    Put claim_if(Owner me, Allowed&& allowed) noexcept;
    /// The same for `most` cells at least 1; as many as are free, one after the other.
    template <class Allowed>
    Stretch claim_many_if(Owner me, std::uint32_t most, Allowed&& allowed) noexcept;
    /// Where the item of the next try_claim() will lie, if there is a free cell, else nullptr. It is not claimed: who
    /// writes there keeps nobody waiting. REQUIRES: the caller is the only producer, and the ring is not closed.
    std::byte* room() const noexcept;
    /// Publishes the item. A Doorbell for consumers is to be rung after it.
    void commit(const Put& slot) noexcept { commit(slot.ticket); }
    void commit(std::uint64_t ticket) noexcept {
        word(ticket).store(word_of(ticket, kFull), std::memory_order_release);
    }
    /// Gives a claimed cell up: it has no item.
    void cancel(std::uint64_t ticket) noexcept;

    /// Takes the oldest item for `me`. Statuses: done, empty, pending, ended. Lock-free; never blocks.
    Take try_take(Owner me) noexcept {
        return take_if(me, [] { return true; });
    }
    /// The same, if `valid()` says so between the look at the item and the take, else `empty`.
    template <class Valid>
    Take take_if(Owner me, Valid&& valid) noexcept;
    /// The same for `most` cells at least 1; as many as are published, one after the other.
    template <class Valid>
    Stretch take_many_if(Owner me, std::uint32_t most, Valid&& valid) noexcept;
    /// Whether there is something to take: `done`, or the other statuses of try_take(). Takes nothing; what the dead
    /// left at the head is repaired and passed.
    RingStatus look(Owner me) noexcept;
    /// Gives the cell back to the producers. Returns true at every n / 8 cells: then wake producers that wait for room.
    bool release(const Take& slot) noexcept { return release(slot.ticket); }
    bool release(std::uint64_t ticket) noexcept {
        word(ticket).store(word_of(ticket + capacity(), kFree), std::memory_order_release);
        return ((ticket + 1) & wake_mask_) == 0;
    }
    /// The cell of a ticket that was claimed or taken.
    std::byte* data(std::uint64_t ticket) const noexcept { return cell(ticket) + sizeof(Word); }
    /// Moves the head past cells without an item.
    void pass_skips(Owner me) noexcept;

    /// Whether try_take would find something (an item, the end): one load of the next cell's word for the waiting loop.
    bool readable() const noexcept;
    /// Whether try_claim would find a free cell or the end.
    bool writable() const noexcept;

    /// Puts begun minus takes begun, at one moment. Claims of the dead count until they are swept.
    std::uint64_t size() const noexcept;
    std::uint32_t capacity() const noexcept { return mask_ + 1; }
    /// The next ticket to claim, and the next to take.
    std::uint64_t tail() const noexcept { return tail_->load(std::memory_order_acquire); }
    std::uint64_t head() const noexcept { return head_->load(std::memory_order_acquire); }
    /// How many of the tickets from `begin` to before `end` are known to have no item, while they are not passed.
    std::uint64_t skips(std::uint64_t begin, std::uint64_t end) const noexcept;
    /// Whether the next item is there: one load more than a look at the head.
    bool has_item() const noexcept;
    /// Calls visit(taker, ticket) for each item that was taken and not released.
    template <class Visit>
    void for_each_taken(Visit&& visit) const;
    /// Who has claimed the item at the head, if it is not published. Nobody else.
    Owner claimant() const noexcept;
    std::size_t item_bytes() const noexcept { return cell_bytes_ - sizeof(Word); }

    /// Repairs everything that `dead` left: its claims become SKIP, its takes are shown to `show` (may be null),
    /// counted and freed. Returns the number of items lost. May run in several processes at once, and die, too: an item
    /// is counted once; it is shown again if the sweeper died between showing and freeing it. REQUIRES: no thread of
    /// `dead` runs any more.
    std::uint64_t sweep(Owner dead, LostItem show, void* context) noexcept;
    /// The same for everybody whom the Liveness knows to be dead.
    std::uint64_t sweep_dead(LostItem show, void* context) noexcept;
    /// Items that died with their taker since format().
    std::uint64_t lost() const noexcept;

    /// Ends the ring: puts that have not claimed their cell fail with `ended`, takers get what is left, then `ended`.
    void close() noexcept;

    /// Ends the ring as close() does, for those who learn of it in another way: ended puts say so, takers find it
    /// empty.
    void end() noexcept;
    bool has_ended() const noexcept;
    /// The ticket at which the ring has ended, if it has, and if it is empty and all its cells are free.
    std::optional<std::uint64_t> idle_since() const noexcept;
    /// Opens a ring that has ended at `ticket` and is idle. It may be done again after a death, also much later.
    /// REQUIRES: under a lock. Whoever still holds an old view of the ring does no harm, since its tickets go on.
    void reopen(std::uint64_t ticket) noexcept;

private:
    using Word = std::atomic<std::uint64_t>;
    static_assert(Word::is_always_lock_free);
    struct Header;

    static Header& checked(std::byte* memory);
    Ring(Header& header, Liveness liveness, LostItem show, void* context) noexcept;

    // So many cells before it is claimed, a producer asks for a cell, which the consumer had last.
    static constexpr std::uint64_t kAhead = 8;
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
    static Owner tag_owner(std::uint64_t tag) noexcept {
        return Owner::from_raw(static_cast<std::uint32_t>(tag & ~kEndBit));
    }
    // In a claim tag: the ring ends at the ticket after that of the tag in this cell. An Owner leaves this bit free.
    static constexpr std::uint64_t kEndBit = std::uint64_t{1} << 31;
    // What stands in a tag instead of an owner.
    static constexpr Owner kFresh = Owner::from_raw(1U << Owner::kSlotBits | Owner::kSlots);   // formatted, never used
    static constexpr Owner kPassed = Owner::from_raw(2U << Owner::kSlotBits | Owner::kSlots);  // an end that was opened

    std::size_t index(std::uint64_t ticket) const noexcept { return static_cast<std::size_t>(ticket & mask_); }
    std::byte* cell(std::uint64_t ticket) const noexcept { return cells_ + index(ticket) * cell_bytes_; }
    Word& word(std::uint64_t ticket) const noexcept { return *reinterpret_cast<Word*>(cell(ticket)); }
    Word& claim(std::uint64_t ticket) const noexcept { return claims_[index(ticket)]; }
    Word& take(std::uint64_t ticket) const noexcept { return takes_[index(ticket)]; }

    // Whoever is first does it; the ticket's tag has been seen, so that nobody can have a reason to stay behind it.
    // Release, with the acquire of those who read an end: who sees the end past a ticket also sees that ticket's tag.
    static void advance(Word& end, std::uint64_t ticket) noexcept {
        end.compare_exchange_strong(ticket, ticket + 1, std::memory_order_release, std::memory_order_relaxed);
    }
    // The same for a stretch. REQUIRES: the end has been at its first ticket; the caller owns all of them.
    static void advance_past(Word& end, std::uint64_t ticket, std::uint64_t to) noexcept {
        while (!end.compare_exchange_weak(ticket, to, std::memory_order_release, std::memory_order_relaxed))
            if (ticket >= to) return;
    }
    enum class Step : std::uint8_t { done, again, refused };
    template <class Allowed>
    Step step_claim(std::uint64_t ticket, Owner me, Allowed& allowed, RingStatus& status) noexcept;
    template <class Match>
    std::uint64_t sweep_if(const Match& match, LostItem show, void* context) noexcept;
    bool dead(Owner owner) const noexcept { return owner == kPassed || liveness_.dead(owner); }
    bool repair_claim(std::uint64_t ticket) noexcept;
    void skip(std::uint64_t ticket) noexcept;
    void skip_abandoned(std::uint64_t ticket) noexcept;
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
    std::size_t cell_bytes_;
    std::uint64_t wake_mask_;
    Liveness liveness_;
    LostItem show_;
    void* context_;
    LostItem abandoned_ = nullptr;
    void* abandoned_context_ = nullptr;
    Accounted accounted_ = nullptr;
    const void* accounted_context_ = nullptr;
};

// One try to claim `ticket`, which is the tail or follows tickets of the same owner.
template <class Allowed>
Ring::Step Ring::step_claim(std::uint64_t ticket, Owner me, Allowed& allowed, RingStatus& status) noexcept {
    std::uint64_t previous = claim(ticket).load(std::memory_order_acquire);
    if (tag_lap(previous) == lap(ticket)) {
        advance(*tail_, ticket);
        return Step::again;
    }
    if (tag_lap(previous) != lap(ticket - capacity())) return Step::again;
    if ((previous & kEndBit) != 0 || !allowed(ticket)) {
        status = (previous & kEndBit) != 0 ? RingStatus::ended : RingStatus::full;
        return Step::refused;
    }
    return claim(ticket).compare_exchange_strong(previous, tag(ticket, me), std::memory_order_acq_rel,
                                                 std::memory_order_relaxed)
               ? Step::done
               : Step::again;
}

template <class Allowed>
Ring::Stretch Ring::claim_many_if(Owner me, std::uint32_t most, Allowed&& allowed) noexcept {
    for (;;) {
        const std::uint64_t ticket = tail_->load(std::memory_order_acquire);
        // Acquire: the last taker of this cell has read its item before we overwrite it.
        const std::uint64_t seen = word(ticket).load(std::memory_order_acquire);
        RingStatus status = RingStatus::full;
        if (seen == word_of(ticket, kFree)) {
            const Step first = step_claim(ticket, me, allowed, status);
            if (first == Step::refused) return {status, 0, ticket};
            if (first == Step::again) continue;
            std::uint64_t end = ticket + 1;
            prefetch_to_write(cell(ticket + kAhead));
            while (end - ticket != most && word(end).load(std::memory_order_acquire) == word_of(end, kFree) &&
                   step_claim(end, me, allowed, status) == Step::done)
                ++end;
            advance_past(*tail_, ticket, end);
            return {RingStatus::done, static_cast<std::uint32_t>(end - ticket), ticket};
        }
        if (seen >> kStateBits < ticket) {
            status = full_or_repaired(ticket);
            if (status != RingStatus::done) return {status, 0, ticket};
        }
        // Otherwise `ticket` is not the tail any more: somebody else has made progress.
    }
}

template <class Allowed>
Ring::Put Ring::claim_if(Owner me, Allowed&& allowed) noexcept {
    const Stretch claimed = claim_many_if(me, 1, allowed);
    return {claimed.status, claimed ? data(claimed.ticket) : nullptr, claimed.ticket};
}

template <class Valid>
Ring::Stretch Ring::take_many_if(Owner me, std::uint32_t most, Valid&& valid) noexcept {
    for (;;) {
        const std::uint64_t ticket = head_->load(std::memory_order_acquire);
        // Acquire: the item was written before its cell was published.
        const std::uint64_t seen = word(ticket).load(std::memory_order_acquire);
        if (seen >> kStateBits > ticket) continue;  // `ticket` is not the head any more
        if (seen < word_of(ticket, kFull)) {
            const RingStatus status = empty_or_repaired(ticket);
            if (status != RingStatus::done) return {status, 0, ticket};
            continue;
        }
        const auto step = [&](std::uint64_t at) {
            std::uint64_t previous = take(at).load(std::memory_order_acquire);
            if (tag_lap(previous) == lap(at)) advance(*head_, at);
            return tag_lap(previous) == lap(at - capacity()) && valid() &&
                   take(at).compare_exchange_strong(previous, tag(at, me), std::memory_order_acq_rel,
                                                    std::memory_order_relaxed);
        };
        if (!step(ticket)) {
            if (!valid()) return {RingStatus::empty, 0, ticket};
            continue;
        }
        std::uint64_t end = ticket + 1;
        if (seen == word_of(ticket, kFull))
            while (end - ticket != most && word(end).load(std::memory_order_acquire) == word_of(end, kFull) &&
                   step(end))
                ++end;
        advance_past(*head_, ticket, end);
        if (seen == word_of(ticket, kFull)) return {RingStatus::done, static_cast<std::uint32_t>(end - ticket), ticket};
        word(ticket).store(word_of(ticket + capacity(), kFree), std::memory_order_release);
    }
}

template <class Visit>
void Ring::for_each_taken(Visit&& visit) const {
    const std::uint64_t head = this->head();
    for (std::uint64_t ticket = head - capacity(); ticket != head + capacity(); ++ticket) {
        const std::uint64_t taken = take(ticket).load(std::memory_order_acquire);
        if (tag_lap(taken) == lap(ticket) && word(ticket).load(std::memory_order_acquire) == word_of(ticket, kFull))
            visit(tag_owner(taken), ticket);
    }
}

template <class Valid>
Ring::Take Ring::take_if(Owner me, Valid&& valid) noexcept {
    const Stretch taken = take_many_if(me, 1, valid);
    return {taken.status, taken ? data(taken.ticket) : nullptr, taken.ticket};
}

}  // namespace cohort::shm
