// SPDX-License-Identifier: MIT
#include "shm/ring.hpp"

#include "os/robust_mutex.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

namespace cohort::shm {

namespace {

constexpr std::uint32_t kMagic = 0x474e4952;  // "RING"
constexpr std::uint32_t kVersion = 3;
// Zen and Intel prefetch lines in pairs: two writers stay 128 bytes apart.
constexpr std::size_t kApart = 128;

}  // namespace

struct Ring::Header {
    // Written once, by format(), but for may_end.
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t cells;
    std::uint32_t cell_bytes;
    // Set before the end is claimed: takers look for it only then, for the tags are the producers' cache lines.
    std::atomic<std::uint32_t> may_end;

    alignas(kApart) Word tail;
    alignas(kApart) Word head;

    // Counting a lost item and freeing its cell are two stores. Whoever takes `repair` from the dead finishes them.
    alignas(kApart) os::RobustMutex repair;
    Word lost;
    Word intent;       // the ticket whose cell is being freed; 0: none
    Word lost_before;  // the count before that
    Word last_skip;    // no later ticket was ever skipped
};

std::size_t Ring::bytes(Shape shape) noexcept {
    // As docs/shared-memory-layout.md has it; another layout is another version.
    static_assert(offsetof(Header, tail) == 128 && offsetof(Header, head) == 256 && offsetof(Header, repair) == 384 &&
                  sizeof(Header) == 512);
    return sizeof(Header) + 2 * sizeof(Word) * std::max<std::size_t>(shape.cells, kApart / sizeof(Word)) +
           std::size_t{shape.cells} * shape.cell_bytes;
}

void Ring::format(std::byte* memory, Shape shape) noexcept {
    auto* header = new (memory) Header{};
    header->repair.format();
    header->cells = shape.cells;
    header->cell_bytes = shape.cell_bytes;
    header->version = kVersion;
    header->magic = kMagic;
    header->tail.store(shape.cells, std::memory_order_relaxed);
    header->head.store(shape.cells, std::memory_order_relaxed);
    // Lap 0 is nobody's: the first tickets are those of lap 1.
    Ring ring(*header, Liveness{}, nullptr, nullptr);
    for (std::uint64_t ticket = shape.cells; ticket != 2 * std::uint64_t{shape.cells}; ++ticket) {
        new (&ring.claim(ticket)) Word(ring.tag(ticket - shape.cells, kFresh));
        new (&ring.take(ticket)) Word(ring.tag(ticket - shape.cells, kFresh));
        new (&ring.word(ticket)) Word(word_of(ticket, kFree));
    }
    std::atomic_thread_fence(std::memory_order_release);
}

Ring::Header& Ring::checked(std::byte* memory) {
    auto& header = *std::launder(reinterpret_cast<Header*>(memory));
    if (header.magic != kMagic || header.version != kVersion)
        throw std::runtime_error("cohort: this memory holds no ring of layout version " + std::to_string(kVersion));
    return header;
}

Ring::Ring(std::byte* memory, Liveness liveness, LostItem show, void* context)
    : Ring(checked(memory), liveness, show, context) {}

Ring::Ring(Header& header, Liveness liveness, LostItem show, void* context) noexcept
    : header_(&header),
      tail_(&header.tail),
      head_(&header.head),
      mask_(header.cells - 1),
      liveness_(liveness),
      show_(show),
      context_(context) {
    const std::size_t cells = header.cells;
    const std::size_t tags = std::max(cells, kApart / sizeof(Word));
    claims_ = reinterpret_cast<Word*>(reinterpret_cast<std::byte*>(&header) + sizeof(Header));
    takes_ = claims_ + tags;
    cells_ = reinterpret_cast<std::byte*>(takes_ + tags);
    cells_shift_ = static_cast<unsigned>(std::countr_zero(cells));
    cell_bytes_ = header.cell_bytes;
    wake_mask_ = std::max<std::uint64_t>(1, cells / 8) - 1;
}

void Ring::cancel(std::uint64_t ticket) noexcept {
    skip(ticket);
}

// The cell of `ticket` still belongs to the previous lap. Returns done when that has changed.
RingStatus Ring::full_or_repaired(std::uint64_t ticket) noexcept {
    if (ended_at(ticket)) return RingStatus::ended;
    const std::uint64_t previous = ticket - capacity();
    const std::uint64_t seen = word(ticket).load(std::memory_order_acquire);
    if (seen >> kStateBits != previous) return RingStatus::done;
    if (seen == word_of(previous, kFree)) {
        repair_claim(previous);
        return RingStatus::full;
    }
    const std::uint64_t taken = take(previous).load(std::memory_order_acquire);
    if (tag_lap(taken) != lap(previous) || !dead(tag_owner(taken))) return RingStatus::full;
    free_taken(previous, show_, context_);
    return RingStatus::done;
}

void Ring::pass_skips(Owner me) noexcept {
    for (;;) {
        const std::uint64_t ticket = head();
        if (word(ticket).load(std::memory_order_acquire) != word_of(ticket, kSkip)) return;
        std::uint64_t previous = take(ticket).load(std::memory_order_acquire);
        const bool mine = tag_lap(previous) == lap(ticket - capacity()) &&
                          take(ticket).compare_exchange_strong(previous, tag(ticket, me), std::memory_order_acq_rel,
                                                               std::memory_order_relaxed);
        if (mine || tag_lap(previous) == lap(ticket)) advance(*head_, ticket);
        if (mine) word(ticket).store(word_of(ticket + capacity(), kFree), std::memory_order_release);
    }
}

RingStatus Ring::look(Owner me) noexcept {
    for (;;) {
        const std::uint64_t ticket = head();
        const std::uint64_t seen = word(ticket).load(std::memory_order_acquire);
        if (seen >> kStateBits > ticket) continue;  // `ticket` is not the head any more
        if (seen < word_of(ticket, kFull)) {
            const RingStatus status = empty_or_repaired(ticket);
            if (status != RingStatus::done) return status;
        } else if (seen == word_of(ticket, kSkip)) {
            pass_skips(me);
        } else {
            if (tag_lap(take(ticket).load(std::memory_order_acquire)) != lap(ticket)) return RingStatus::done;
            advance(*head_, ticket);  // it is taken
        }
    }
}

// The cell at the head has no item: not claimed, not published, or not yet released by its taker of the previous lap.
// Returns done when that has changed.
RingStatus Ring::empty_or_repaired(std::uint64_t ticket) noexcept {
    const std::uint64_t tail = tail_->load(std::memory_order_acquire);
    if (head_->load(std::memory_order_acquire) != ticket) return RingStatus::done;
    if (tail > ticket) return repair_claim(ticket) ? RingStatus::done : RingStatus::pending;
    return ended_at(ticket) ? RingStatus::ended : RingStatus::empty;
}

bool Ring::ended_at(std::uint64_t ticket) const noexcept {
    if (header_->may_end.load(std::memory_order_acquire) == 0) return false;
    const std::uint64_t claimed = claim(ticket).load(std::memory_order_acquire);
    return tag_lap(claimed) == lap(ticket - capacity()) && (claimed & kEndBit) != 0;
}

// Returns whether the cell has changed or is about to: only a living claimant that has not published is waited for.
bool Ring::repair_claim(std::uint64_t ticket) noexcept {
    const std::uint64_t claimed = claim(ticket).load(std::memory_order_acquire);
    if (tag_lap(claimed) != lap(ticket)) return true;
    if (!dead(tag_owner(claimed))) return word(ticket).load(std::memory_order_acquire) != word_of(ticket, kFree);
    skip_abandoned(ticket);
    return true;
}

void Ring::skip_abandoned(std::uint64_t ticket) noexcept {
    if (abandoned_ != nullptr && word(ticket).load(std::memory_order_acquire) == word_of(ticket, kFree))
        abandoned_(abandoned_context_, ticket, cell(ticket) + sizeof(Word));
    skip(ticket);
}

void Ring::skip(std::uint64_t ticket) noexcept {
    std::uint64_t last = header_->last_skip.load(std::memory_order_relaxed);
    while (last < ticket && !header_->last_skip.compare_exchange_weak(last, ticket, std::memory_order_relaxed))
        continue;
    std::uint64_t free = word_of(ticket, kFree);
    word(ticket).compare_exchange_strong(free, word_of(ticket, kSkip), std::memory_order_acq_rel,
                                         std::memory_order_relaxed);
}

// REQUIRES: the owner in the take tag of `ticket` is dead. Returns whether an item was lost here and now.
bool Ring::free_taken(std::uint64_t ticket, LostItem show, void* context) noexcept {
    advance(*head_, ticket);  // its taker may have died before it did so; a no-op otherwise
    std::uint64_t skipped = word_of(ticket, kSkip);
    if (word(ticket).compare_exchange_strong(skipped, word_of(ticket + capacity(), kFree), std::memory_order_acq_rel,
                                             std::memory_order_acquire))
        return false;
    if (skipped != word_of(ticket, kFull)) return false;
    header_->repair.lock();
    settle_intent();
    // Under the mutex nobody else frees this cell, for its taker is dead.
    const bool mine = !was_freed(ticket);
    if (mine) {
        if (show != nullptr) show(context, ticket, cell(ticket) + sizeof(Word));
        const Owner taker = tag_owner(take(ticket).load(std::memory_order_acquire));
        if (accounted_ != nullptr && accounted_(accounted_context_, taker, ticket)) {
            word(ticket).store(word_of(ticket + capacity(), kFree), std::memory_order_release);
            header_->repair.unlock();
            return true;
        }
        header_->lost_before.store(header_->lost.load(std::memory_order_relaxed), std::memory_order_relaxed);
        header_->intent.store(ticket, std::memory_order_release);
        word(ticket).store(word_of(ticket + capacity(), kFree), std::memory_order_release);
        settle_intent();
    }
    header_->repair.unlock();
    return mine;
}

// Counts the cell that was being freed, exactly once, whether or not the process that freed it lived to count it.
void Ring::settle_intent() noexcept {
    const std::uint64_t ticket = header_->intent.load(std::memory_order_acquire);
    if (ticket == 0) return;
    header_->lost.store(header_->lost_before.load(std::memory_order_relaxed) + (was_freed(ticket) ? 1 : 0),
                        std::memory_order_release);
    header_->intent.store(0, std::memory_order_release);
}

std::uint64_t Ring::sweep(Owner dead, LostItem show, void* context) noexcept {
    return sweep_if([dead](Owner owner) { return owner == dead; }, show, context);
}

std::uint64_t Ring::sweep_dead(LostItem show, void* context) noexcept {
    return sweep_if([this](Owner owner) { return dead(owner); }, show, context);
}

template <class Match>
std::uint64_t Ring::sweep_if(const Match& match, LostItem show, void* context) noexcept {
    // The dead claim nothing more: their tags are at most a lap before the two ends of this moment, or a stretch after.
    const auto is_theirs = [&](const Word& word, std::uint64_t ticket) {
        const std::uint64_t seen = word.load(std::memory_order_acquire);
        return tag_lap(seen) == lap(ticket) && match(tag_owner(seen));
    };
    const std::uint64_t tail = this->tail();
    for (std::uint64_t ticket = tail - capacity(); ticket != tail + capacity(); ++ticket) {
        if (word(ticket).load(std::memory_order_acquire) != word_of(ticket, kFree)) continue;
        if (!is_theirs(claim(ticket), ticket)) continue;
        advance(*tail_, ticket);
        skip_abandoned(ticket);
    }
    std::uint64_t items = 0;
    const std::uint64_t head = this->head();
    for (std::uint64_t ticket = head - capacity(); ticket != head + capacity(); ++ticket) {
        const std::uint64_t seen = word(ticket).load(std::memory_order_acquire);
        if (seen != word_of(ticket, kFull) && seen != word_of(ticket, kSkip)) continue;
        if (is_theirs(take(ticket), ticket)) items += free_taken(ticket, show, context) ? 1 : 0;
    }
    return items;
}

// Without the mutex: its holder may be dead, or stopped. What it was about to count is told by the intent.
std::uint64_t Ring::lost() const noexcept {
    for (;;) {
        const std::uint64_t ticket = header_->intent.load(std::memory_order_acquire);
        if (ticket == 0) return header_->lost.load(std::memory_order_acquire);
        const std::uint64_t count = header_->lost_before.load(std::memory_order_acquire) + (was_freed(ticket) ? 1 : 0);
        if (header_->intent.load(std::memory_order_acquire) == ticket) return count;
    }
}

bool Ring::was_freed(std::uint64_t ticket) const noexcept {
    return word(ticket).load(std::memory_order_acquire) != word_of(ticket, kFull);
}

void Ring::close() noexcept {
    header_->may_end.store(1, std::memory_order_seq_cst);
    end();
}

void Ring::end() noexcept {
    for (;;) {
        const std::uint64_t ticket = tail();
        std::uint64_t claimed = claim(ticket).load(std::memory_order_acquire);
        if (tag_lap(claimed) == lap(ticket)) {
            advance(*tail_, ticket);
        } else if (tag_lap(claimed) == lap(ticket - capacity())) {
            // The previous lap's owner stays in the tag: his item may not be published yet.
            if ((claimed & kEndBit) != 0 ||
                claim(ticket).compare_exchange_strong(claimed, claimed | kEndBit, std::memory_order_acq_rel,
                                                      std::memory_order_relaxed))
                return;
        }
    }
}

bool Ring::has_ended() const noexcept {
    const std::uint64_t ticket = tail();
    const std::uint64_t claimed = claim(ticket).load(std::memory_order_acquire);
    return tag_lap(claimed) == lap(ticket - capacity()) && (claimed & kEndBit) != 0;
}

std::optional<std::uint64_t> Ring::idle_since() const noexcept {
    const std::uint64_t ticket = tail();
    if (!has_ended() || head() != ticket) return {};
    for (std::uint64_t free = ticket; free != ticket + capacity(); ++free)
        if (word(free).load(std::memory_order_acquire) != word_of(free, kFree)) return {};
    return ticket;
}

// Each step is a CAS that only the first try can make. The end becomes a claimed ticket, then one without an item, then
// a taken one.
void Ring::reopen(std::uint64_t ticket) noexcept {
    std::uint64_t claimed = claim(ticket).load(std::memory_order_acquire);
    if (tag_lap(claimed) == lap(ticket - capacity()) && (claimed & kEndBit) != 0)
        claim(ticket).compare_exchange_strong(claimed, tag(ticket, kPassed), std::memory_order_acq_rel,
                                              std::memory_order_relaxed);
    advance(*tail_, ticket);
    skip(ticket);
    std::uint64_t taken = take(ticket).load(std::memory_order_acquire);
    if (tag_lap(taken) == lap(ticket - capacity()))
        take(ticket).compare_exchange_strong(taken, tag(ticket, kPassed), std::memory_order_acq_rel,
                                             std::memory_order_relaxed);
    if (tag_lap(taken) == lap(ticket) || tag_lap(taken) == lap(ticket - capacity())) advance(*head_, ticket);
    std::uint64_t skipped = word_of(ticket, kSkip);
    word(ticket).compare_exchange_strong(skipped, word_of(ticket + capacity(), kFree), std::memory_order_acq_rel,
                                         std::memory_order_relaxed);
}

bool Ring::readable() const noexcept {
    const std::uint64_t ticket = head_->load(std::memory_order_acquire);
    return word(ticket).load(std::memory_order_acquire) >= word_of(ticket, kFull) || ended_at(ticket);
}

bool Ring::has_item() const noexcept {
    const std::uint64_t ticket = head();
    return word(ticket).load(std::memory_order_acquire) >= word_of(ticket, kFull);
}

Owner Ring::claimant() const noexcept {
    const std::uint64_t ticket = head();
    const std::uint64_t claimed = claim(ticket).load(std::memory_order_acquire);
    const bool unpublished = word(ticket).load(std::memory_order_acquire) == word_of(ticket, kFree);
    return unpublished && tag_lap(claimed) == lap(ticket) ? tag_owner(claimed) : Owner();
}

std::uint64_t Ring::skips(std::uint64_t begin, std::uint64_t end) const noexcept {
    std::uint64_t count = 0;
    end = std::min(end, header_->last_skip.load(std::memory_order_relaxed) + 1);
    for (std::uint64_t ticket = begin; ticket < end; ++ticket)
        if (word(ticket).load(std::memory_order_acquire) == word_of(ticket, kSkip)) ++count;
    return count;
}

bool Ring::writable() const noexcept {
    const std::uint64_t ticket = tail_->load(std::memory_order_acquire);
    return word(ticket).load(std::memory_order_acquire) >= word_of(ticket, kFree) || ended_at(ticket);
}

std::byte* Ring::room() const noexcept {
    const std::uint64_t ticket = tail_->load(std::memory_order_acquire);
    // Acquire: the last taker of this cell has read its item.
    return word(ticket).load(std::memory_order_acquire) == word_of(ticket, kFree) ? cell(ticket) + sizeof(Word)
                                                                                  : nullptr;
}

std::uint64_t Ring::size() const noexcept {
    for (;;) {
        const std::uint64_t tail = tail_->load(std::memory_order_acquire);
        const std::uint64_t head = head_->load(std::memory_order_acquire);
        if (tail_->load(std::memory_order_acquire) == tail) return tail - head;
    }
}

}  // namespace cohort::shm
