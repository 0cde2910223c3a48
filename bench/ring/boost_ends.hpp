// SPDX-License-Identifier: MIT
#pragma once

#include <boost/interprocess/ipc/message_queue.hpp>

#include <unistd.h>

#include <cstdint>
#include <string>

namespace bench {

/// Boost.Interprocess's message_queue: a mutex and two condition variables in a named segment.
template <class M, std::uint32_t kCells>
struct BoostEnds {
    using Message = M;
    static Message blank() { return {}; }
    using Queue = boost::interprocess::message_queue;

    std::string name = "cohort-bench-" + std::to_string(::getpid());
    Queue queue{boost::interprocess::create_only, name.c_str(), kCells, sizeof(Message)};
    ~BoostEnds() { Queue::remove(name.c_str()); }

    struct Sender {
        explicit Sender(BoostEnds& ends) : queue(ends.queue) {}
        void send(const Message& message) { queue.send(&message, sizeof message, 0); }
        Queue& queue;
    };
    struct Receiver {
        explicit Receiver(BoostEnds& ends) : queue(ends.queue) {}
        void receive(Message& message) {
            Queue::size_type bytes = 0;
            unsigned priority = 0;
            queue.receive(&message, sizeof message, bytes, priority);
        }
        Queue& queue;
    };
};

}  // namespace bench
