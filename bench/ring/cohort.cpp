// SPDX-License-Identifier: MIT
// cohort's rings: every claim of Ring names its owner, so that a killed process can be told and repaired.
#include <cstring>

#include "ring/transport.hpp"
#include "ring/waiting.hpp"
#include "shm/ring.hpp"
#include "shm/spsc_ring.hpp"

namespace bench {

namespace {

using cohort::shm::Owner;
using cohort::shm::Ring;
using cohort::shm::SpscReader;
using cohort::shm::SpscRing;
using cohort::shm::SpscWriter;

template <class Waiting>
struct RingEnds {
    using Message = bench::Message;
    static Message blank() { return {}; }
    static constexpr Ring::Shape kShape{kCells, 64};
    SharedRing memory{Ring::bytes(kShape)};
    RingEnds() { Ring::format(memory.ring(), kShape); }

    struct Sender {
        explicit Sender(RingEnds& ends) : memory(ends.memory), ring(memory.ring()) {}
        void send(const Message& message) {
            Ring::Put slot = ring.try_claim(me);
            while (!slot) {
                waiting.wait(memory.room, [&] { return ring.writable(); });
                slot = ring.try_claim(me);
            }
            std::memcpy(slot.data, &message, sizeof message);
            ring.commit(slot);
            waiting.ring(memory.items);
            waiting.count();
        }
        SharedRing& memory;
        Ring ring;
        Waiting waiting{};
        Owner me{1, 1};
    };
    struct Receiver {
        explicit Receiver(RingEnds& ends) : memory(ends.memory), ring(memory.ring()) {}
        void receive(Message& message) {
            Ring::Take slot = ring.try_take(me);
            while (!slot) {
                waiting.wait(memory.items, [&] { return ring.readable(); });
                slot = ring.try_take(me);
            }
            std::memcpy(&message, slot.data, sizeof message);
            if (ring.release(slot)) waiting.ring(memory.room);
            waiting.count();
        }
        SharedRing& memory;
        Ring ring;
        Waiting waiting{};
        Owner me{2, 1};
    };
};

template <class Waiting>
struct SpscEnds {
    using Message = bench::Message;
    static Message blank() { return {}; }
    static constexpr SpscRing::Shape kShape{kCells, 64};
    SharedRing memory{SpscRing::bytes(kShape)};
    SpscEnds() { SpscRing::format(memory.ring(), kShape); }

    struct Sender {
        explicit Sender(SpscEnds& ends) : memory(ends.memory), ring(memory.ring()) {}
        void send(const Message& message) {
            std::byte* room = ring.room();
            while (room == nullptr) waiting.wait(memory.room, [&] { return (room = ring.room()) != nullptr; });
            std::memcpy(room, &message, sizeof message);
            ring.publish();
            waiting.ring(memory.items);
            waiting.count();
        }
        SharedRing& memory;
        SpscWriter ring;
        Waiting waiting{};
    };
    struct Receiver {
        explicit Receiver(SpscEnds& ends) : memory(ends.memory), ring(memory.ring()) {}
        void receive(Message& message) {
            if (!ring.readable()) waiting.wait(memory.items, [&] { return ring.readable(); });
            std::memcpy(&message, ring.front(), sizeof message);
            if (ring.release()) waiting.ring(memory.room);
            waiting.count();
        }
        SharedRing& memory;
        SpscReader ring;
        Waiting waiting{};
    };
};

}  // namespace

std::vector<Contender> cohort_contenders() {
    return {{"cohort Ring, polled", true, 8, 8, make_transport<RingEnds<BusyPoll>>},
            {"cohort Ring, sleep", false, 8, 8, make_transport<RingEnds<SleepAtOnce>>},
            {"cohort Ring, spin+sleep", false, 8, 8, make_transport<RingEnds<SpinThenSleep>>},
            {"cohort SpscRing, polled", true, 1, 1, make_transport<SpscEnds<BusyPoll>>},
            {"cohort SpscRing, sleep", false, 1, 1, make_transport<SpscEnds<SleepAtOnce>>},
            {"cohort SpscRing, spin+sleep", false, 1, 1, make_transport<SpscEnds<SpinThenSleep>>}};
}

}  // namespace bench
