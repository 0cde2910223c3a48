// SPDX-License-Identifier: MIT
// Boost.Interprocess's message_queue: a mutex and two condition variables in a named segment.
#include "transport.hpp"

#if defined(COHORT_BENCH_BOOST)
#include <boost/interprocess/ipc/message_queue.hpp>

#include <unistd.h>

#include <string>
#endif

namespace bench {

#if defined(COHORT_BENCH_BOOST)
namespace {

using Queue = boost::interprocess::message_queue;

struct BoostEnds {
    std::string name = "cohort-bench-ring-" + std::to_string(::getpid());
    Queue queue{boost::interprocess::create_only, name.c_str(), kCells, sizeof(Message)};
    ~BoostEnds() { Queue::remove(name.c_str()); }

    struct Sender {
        explicit Sender(BoostEnds& ends) : queue(ends.queue) {}
        void send(const Message& message) { queue.send(&message, sizeof message, 0); }
        Queue& queue;
    };
    struct Receiver {
        explicit Receiver(BoostEnds& ends) : queue(ends.queue) {}
        Message receive() {
            Message message;
            Queue::size_type bytes = 0;
            unsigned priority = 0;
            queue.receive(&message, sizeof message, bytes, priority);
            return message;
        }
        Queue& queue;
    };
};

}  // namespace

std::vector<Contender> boost_contenders() {
    return {{"Boost message_queue", false, 8, 8, make_transport<BoostEnds>}};
}
#else
std::vector<Contender> boost_contenders() {
    return {};
}
#endif

}  // namespace bench
