// SPDX-License-Identifier: MIT
#pragma once

#include "shm/queue_core.hpp"

#include <algorithm>
#include <bit>

namespace cohort::shm {

/// The name of a ring: its number in the chain (24 bits of it) and its offset / 128. No name is 0.
inline constexpr unsigned kOffsetBits = 40;
inline constexpr unsigned kOffsetUnit = 7;
/// Where a next ring would be named: there is none, and never will be.
inline constexpr std::uint64_t kClosed = ~std::uint64_t{0};

inline constexpr std::uint64_t name_of(std::uint64_t offset, std::uint64_t number) noexcept {
    return number << kOffsetBits | offset >> kOffsetUnit;
}
inline constexpr std::uint64_t offset_of(std::uint64_t name) noexcept {
    return (name & ((std::uint64_t{1} << kOffsetBits) - 1)) << kOffsetUnit;
}

/// Before the rings, in shared memory. Version and layout: docs/shared-memory-layout.md.
struct QueueCore::Header {
    using Word = std::atomic<std::uint64_t>;
    std::uint32_t magic;
    std::uint32_t version;
    Options options;

    alignas(128) Word put_at;  // the name of the ring for producers
    Word take_at;              // the name of the ring for consumers
    Word newest;               // the offset of the ring that was added last
    Word intent;               // the ring that is being linked; 0: none
    Word intent_ticket;        // where that ring has ended
    Word fresh;                // the offset of memory that is about to become a ring
    Word fresh_name;           // what RingMemory calls it
    Word fresh_cells;          // and its size
    OwnedLock lock;            // to link a ring, to close

    alignas(128) Doorbell items;
    alignas(128) Doorbell room;
};

/// Before each ring. All but `older` tells of the chain in which the ring is or was last.
struct alignas(128) QueueCore::Node {
    using Word = std::atomic<std::uint64_t>;
    Word next;    // the name of the ring after this one, or kClosed; 0: not linked
    Word number;  // in the chain, from 1; 0: never used
    Word base;    // what its tickets need to count the puts of the chain
    Word start;   // its first ticket in the chain
    Word older;   // the offset of the ring that was added before this one
};

/// A ring in this process. Never destroyed while the QueueCore lives, for other threads may be using it.
struct QueueCore::RingView {
    RingView(std::byte* memory, std::uint64_t at, Liveness liveness, LostItem show, void* context,
             std::uint64_t maxsize)
        : node(reinterpret_cast<Node*>(memory)),
          ring(memory + sizeof(Node), liveness, show, context),
          offset(at),
          wake_mask(std::bit_floor(std::max<std::uint64_t>(std::min<std::uint64_t>(ring.capacity(), maxsize) / 8, 1)) -
                    1) {}

    std::uint64_t base() const noexcept { return node->base.load(std::memory_order_acquire); }
    // The end at which the ring was opened is not one of its items.
    std::uint64_t counted(std::uint64_t ticket) const noexcept {
        return base() + std::max(ticket, node->start.load(std::memory_order_acquire));
    }
    std::uint64_t counted_tail() const noexcept { return counted(ring.tail()); }
    std::uint64_t counted_head() const noexcept { return counted(ring.head()); }

    // The ticket before which puts are allowed, for one name of the ring, in one word.
    static constexpr unsigned kLimitBits = 48;
    void set_limit(std::uint64_t name, std::uint64_t limit) noexcept {
        limit_.store(packed(name, limit), std::memory_order_relaxed);
    }
    bool below_limit(std::uint64_t name, std::uint64_t ticket) const noexcept {
        const std::uint64_t limit = limit_.load(std::memory_order_relaxed);
        return limit >> kLimitBits == packed(name, 0) >> kLimitBits &&
               static_cast<std::int64_t>((ticket - limit) << (64 - kLimitBits)) < 0;
    }

    Node* const node;
    Ring ring;
    const std::uint64_t offset;
    const std::uint64_t wake_mask;
    const OpenItems* open = nullptr;
    RingView* older = nullptr;

private:
    static constexpr std::uint64_t packed(std::uint64_t name, std::uint64_t limit) noexcept {
        return name >> kOffsetBits << kLimitBits | (limit & ((std::uint64_t{1} << kLimitBits) - 1));
    }
    std::atomic<std::uint64_t> limit_{0};
};

template <class Visit>
void QueueCore::for_each_ring(Visit&& visit) const {
    for (std::uint64_t offset = header_->newest.load(std::memory_order_acquire); offset != 0;) {
        RingView& ring = view_at(offset);
        visit(ring);
        offset = ring.node->older.load(std::memory_order_acquire);
    }
}

inline QueueCore::RingView& QueueCore::view(std::uint64_t name, std::atomic<RingView*>& last) const {
    RingView* seen = last.load(std::memory_order_acquire);
    if (seen != nullptr && seen->offset == offset_of(name)) return *seen;
    seen = &view_at(offset_of(name));
    last.store(seen, std::memory_order_release);
    return *seen;
}

}  // namespace cohort::shm
