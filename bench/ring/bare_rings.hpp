// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <new>

#include "ring/waiting.hpp"

// What rings cost that a killed process leaves broken. The waiting around them is the same as around cohort's.

namespace bench {

/// An index ring for one writer and one reader.
template <class M, std::uint32_t kCells, class Waiting>
struct IndexEnds {
    using Message = M;
    static Message blank() { return {}; }

    static constexpr std::uint64_t kMask = kCells - 1;
    struct Ring {
        alignas(128) std::atomic<std::uint64_t> tail;
        alignas(128) std::atomic<std::uint64_t> head;
        struct alignas(64) Cell {
            Message message;
        };
        alignas(128) Cell cells[kCells];
    };

    SharedRing memory{sizeof(Ring)};
    Ring& ring = *new (memory.ring()) Ring;

    struct Sender {
        explicit Sender(IndexEnds& e) : ends(e), tail(ends.ring.tail) {}
        void send(const Message& message) {
            auto has_room = [&] { return tail - (seen = ends.ring.head.load(std::memory_order_acquire)) != kCells; };
            if (tail - seen == kCells && !has_room()) waiting.wait(ends.memory.room, has_room);
            ends.ring.cells[tail & kMask].message = message;
            ends.ring.tail.store(++tail, std::memory_order_release);
            waiting.ring(ends.memory.items);
            waiting.count();
        }
        IndexEnds& ends;
        Waiting waiting{};
        std::uint64_t tail;
        std::uint64_t seen = ends.ring.head;
    };
    struct Receiver {
        explicit Receiver(IndexEnds& e) : ends(e) {}
        void receive(Message& message) {
            auto has_item = [&] { return (seen = ends.ring.tail.load(std::memory_order_acquire)) != head; };
            if (seen == head && !has_item()) waiting.wait(ends.memory.items, has_item);
            message = ends.ring.cells[head & kMask].message;
            ends.ring.head.store(++head, std::memory_order_release);
            if (head % (kCells / 8) == 0) waiting.ring(ends.memory.room);
            waiting.count();
        }
        IndexEnds& ends;
        Waiting waiting{};
        std::uint64_t head = 0;
        std::uint64_t seen = 0;
    };
};

/// Vyukov's bounded queue for many writers and readers.
template <class M, std::uint32_t kCells, class Waiting>
struct VyukovEnds {
    using Message = M;
    static Message blank() { return {}; }

    static constexpr std::uint64_t kMask = kCells - 1;
    struct Ring {
        alignas(128) std::atomic<std::uint64_t> tail;
        alignas(128) std::atomic<std::uint64_t> head;
        struct alignas(64) Cell {
            std::atomic<std::uint64_t> sequence;
            Message message;
        };
        alignas(128) Cell cells[kCells];
    };

    SharedRing memory{sizeof(Ring)};
    Ring& ring = *new (memory.ring()) Ring;
    VyukovEnds() {
        for (std::uint64_t i = 0; i != kCells; ++i) ring.cells[i].sequence = i;
    }

    // A ticket for the cell whose sequence is ticket + offset, or false.
    static bool claim(Ring& ring, std::atomic<std::uint64_t>& end, std::uint64_t offset, std::uint64_t& ticket) {
        ticket = end.load(std::memory_order_relaxed);
        for (;;) {
            const auto lead = static_cast<std::int64_t>(
                ring.cells[ticket & kMask].sequence.load(std::memory_order_acquire) - (ticket + offset));
            if (lead < 0) return false;
            if (lead > 0) {
                ticket = end.load(std::memory_order_relaxed);
            } else if (end.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) {
                return true;
            }
        }
    }
    static bool ready(Ring& ring, std::atomic<std::uint64_t>& end, std::uint64_t offset) {
        const std::uint64_t ticket = end.load(std::memory_order_relaxed);
        return ring.cells[ticket & kMask].sequence.load(std::memory_order_acquire) >= ticket + offset;
    }

    struct Sender {
        explicit Sender(VyukovEnds& e) : ends(e) {}
        void send(const Message& message) {
            Ring& ring = ends.ring;
            std::uint64_t ticket;
            while (!claim(ring, ring.tail, 0, ticket))
                waiting.wait(ends.memory.room, [&] { return ready(ring, ring.tail, 0); });
            auto& cell = ring.cells[ticket & kMask];
            cell.message = message;
            cell.sequence.store(ticket + 1, std::memory_order_release);
            waiting.ring(ends.memory.items);
            waiting.count();
        }
        VyukovEnds& ends;
        Waiting waiting{};
    };
    struct Receiver {
        explicit Receiver(VyukovEnds& e) : ends(e) {}
        void receive(Message& message) {
            Ring& ring = ends.ring;
            std::uint64_t ticket;
            while (!claim(ring, ring.head, 1, ticket))
                waiting.wait(ends.memory.items, [&] { return ready(ring, ring.head, 1); });
            auto& cell = ring.cells[ticket & kMask];
            message = cell.message;
            cell.sequence.store(ticket + kCells, std::memory_order_release);
            if ((ticket + 1) % (kCells / 8) == 0) waiting.ring(ends.memory.room);
            waiting.count();
        }
        VyukovEnds& ends;
        Waiting waiting{};
    };
};

}  // namespace bench
