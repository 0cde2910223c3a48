// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// What is sent: with the word that a ring's cell needs it fills one cache line.
struct Message {
    std::uint32_t producer = 0;
    std::uint32_t last = 0;      ///< 1: this consumer has had everything
    std::uint64_t sequence = 0;  ///< counts from 1 in each producer
    std::uint64_t filler[5] = {};
};
static_assert(sizeof(Message) == 56);

/// What consumers saw, to be checked by the parent.
struct Received {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;       ///< of the sequence numbers
    std::uint64_t disorder = 0;  ///< messages that came before an earlier one of their producer
    std::uint64_t torn = 0;      ///< messages whose filler does not fit

    void add(const Message& message, std::uint64_t& last_seen) noexcept {
        ++count;
        sum += message.sequence;
        if (message.sequence <= last_seen) ++disorder;
        last_seen = message.sequence;
        if (message.filler[4] != (message.sequence ^ message.producer)) ++torn;
    }
};

inline constexpr std::size_t kMostProducers = 8;
inline constexpr std::uint32_t kCells = 4096;

/// One way to move messages between processes. Made before the fork; produce() and consume() run in the children.
class Transport {
public:
    virtual ~Transport() = default;
    /// Sends sequence numbers 1 … count.
    virtual void produce(std::uint32_t producer, std::uint64_t count) = 0;
    /// Receives until a message says that it is the last.
    virtual Received consume(std::uint32_t consumer) = 0;
    /// Sends one last message; called once for each consumer when the producers have ended.
    virtual void end() = 0;
};

struct Contender {
    std::string name;
    bool polls;  ///< never gives its core up: only where each process has a core of its own
    std::size_t most_producers;
    std::size_t most_consumers;
    std::unique_ptr<Transport> (*make)();
};

std::vector<Contender> cohort_contenders();
std::vector<Contender> queue_contenders();
std::vector<Contender> bare_contenders();
std::vector<Contender> boost_contenders();

inline Message message_of(std::uint32_t producer, std::uint64_t sequence) noexcept {
    return {producer, 0, sequence, {0, 0, 0, 0, sequence ^ producer}};
}

/// A transport whose two ends are `void send(const Message&)` and `Message receive()`.
template <class Ends>
class TransportOf : public Transport {
public:
    void produce(std::uint32_t producer, std::uint64_t count) override {
        typename Ends::Sender sender(ends_);
        for (std::uint64_t sequence = 1; sequence <= count; ++sequence) sender.send(message_of(producer, sequence));
    }
    Received consume(std::uint32_t) override {
        typename Ends::Receiver receiver(ends_);
        Received received;
        std::uint64_t last_seen[kMostProducers] = {};
        for (;;) {
            const Message message = receiver.receive();
            if (message.last != 0) return received;
            received.add(message, last_seen[message.producer % kMostProducers]);
        }
    }
    void end() override {
        Message message;
        message.last = 1;
        typename Ends::Sender(ends_).send(message);
    }

private:
    Ends ends_;
};

template <class Ends>
std::unique_ptr<Transport> make_transport() {
    return std::make_unique<TransportOf<Ends>>();
}

}  // namespace bench
