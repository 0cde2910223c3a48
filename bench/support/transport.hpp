// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "support/message.hpp"

namespace bench {

inline constexpr std::size_t kMostProducers = 8;

/// What consumers saw, to be checked by the parent.
struct Received {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;       ///< of the sequence numbers
    std::uint64_t disorder = 0;  ///< messages that came before an earlier one of their producer
    std::uint64_t torn = 0;      ///< messages that are not of one piece
};

/// One way to move messages between processes. Made before the fork; produce() and consume() run in the children.
class Transport {
public:
    virtual ~Transport() = default;
    /// Sends sequence numbers 1 … count.
    virtual void produce(std::uint32_t producer, std::uint64_t count) = 0;
    /// Receives until a message says that it is the last.
    virtual Received consume() = 0;
    /// Sends one last message; called once for each consumer when the producers have ended.
    virtual void end() = 0;
};

/// A transport of ends that are all alike: `Ends::Message`, `void Ends::Sender::send(Message&)`, which may leave
/// anything in the message, and `void Ends::Receiver::receive(Message&)`. `ends.blank()` makes a message. Where
/// `Ends::kProducerEnds` is there and true the last message is the producer's, of whom there is one: what is sent by
/// two processes may overtake.
template <class Ends>
class TransportOf : public Transport {
public:
    template <class... Arguments>
    explicit TransportOf(Arguments... arguments) : ends_(arguments...) {}

    void produce(std::uint32_t producer, std::uint64_t count) override {
        typename Ends::Sender sender(ends_);
        auto message = ends_.blank();
        for (std::uint64_t sequence = 1; sequence <= count; ++sequence) send(sender, message, {producer, 0, sequence});
        if (producer_ends()) send(sender, message, {producer, 1, 0});
    }
    Received consume() override {
        typename Ends::Receiver receiver(ends_);
        auto message = ends_.blank();
        Received received;
        std::uint64_t last_seen[kMostProducers] = {};
        for (;;) {
            receiver.receive(message);
            const Stamp stamp = read_stamp(message);
            if (stamp.last != 0) return received;
            ++received.count;
            received.sum += stamp.sequence;
            std::uint64_t& seen = last_seen[stamp.producer % kMostProducers];
            if (stamp.sequence <= seen) ++received.disorder;
            seen = stamp.sequence;
            if (!is_whole(message, stamp)) ++received.torn;
        }
    }
    void end() override {
        if (producer_ends()) return;
        auto message = ends_.blank();
        typename Ends::Sender sender(ends_);
        send(sender, message, {0, 1, 0});
    }

private:
    static constexpr bool producer_ends() {
        if constexpr (requires { Ends::kProducerEnds; })
            return Ends::kProducerEnds;
        else
            return false;
    }
    template <class Sender, class Message>
    static void send(Sender& sender, Message& message, const Stamp& stamp) {
        write_stamp(message, stamp);
        sender.send(message);
    }

    Ends ends_;
};

}  // namespace bench
