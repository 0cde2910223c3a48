// SPDX-License-Identifier: MIT
#pragma once

#include <boost/interprocess/ipc/message_queue.hpp>

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "support/message.hpp"

namespace bench {

/// Boost.Interprocess's message_queue: a mutex and two condition variables in a named segment, whose name goes at once.
template <class M>
struct BoostEnds {
    using Message = M;
    using Queue = boost::interprocess::message_queue;

    /// @param bytes  the size of a message, for vectors
    explicit BoostEnds(std::uint32_t cells, std::size_t bytes = sizeof(Message))
        : size(bytes), queue(boost::interprocess::create_only, name.c_str(), cells, bytes) {
        Queue::remove(name.c_str());
    }
    Message blank() const {
        if constexpr (std::is_same_v<Message, std::vector<std::byte>>)
            return Message(size);
        else
            return {};
    }

    std::size_t size;
    std::string name = "cohort-bench-" + std::to_string(::getpid());
    Queue queue;

    struct Sender {
        explicit Sender(BoostEnds& ends) : queue(ends.queue) {}
        void send(Message& message) { queue.send(bytes_of(message).data(), bytes_of(message).size(), 0); }
        Queue& queue;
    };
    struct Receiver {
        explicit Receiver(BoostEnds& ends) : queue(ends.queue) {}
        void receive(Message& message) {
            Queue::size_type bytes = 0;
            unsigned priority = 0;
            queue.receive(bytes_of(message).data(), bytes_of(message).size(), bytes, priority);
        }
        Queue& queue;
    };
};

}  // namespace bench
