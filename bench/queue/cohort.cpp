// SPDX-License-Identifier: MIT
// cohort::Queue as its users call it.
#include <cohort/channel/queue.hpp>

#include <array>
#include <span>
#include <vector>

#include "queue/contenders.hpp"

namespace bench {

namespace {

using Small = MessageOf<kSmall>;

// One call a message.
template <std::ptrdiff_t kBound>
struct PlainEnds {
    using Message = Small;
    static Message blank() { return {}; }

    cohort::Queue<Message> queue{kBound};

    struct Sender {
        explicit Sender(PlainEnds& ends) : queue(ends.queue) {}
        void send(const Message& message) { queue.put(message); }
        cohort::Queue<Message> queue;
    };
    struct Receiver {
        explicit Receiver(PlainEnds& ends) : queue(ends.queue) {}
        void receive(Message& message) { message = queue.get(); }
        cohort::Queue<Message> queue;
    };
};

// A call moves what there is, up to kBatch.
struct ManyEnds {
    using Message = Small;
    static Message blank() { return {}; }

    cohort::Queue<Message> queue{cells_for(kSmall)};

    class Sender {
    public:
        explicit Sender(ManyEnds& ends) : queue_(ends.queue) {}
        Sender(const Sender&) = delete;
        Sender& operator=(const Sender&) = delete;
        ~Sender() { queue_.put_many(std::span(batch_).first(filled_)); }
        void send(const Message& message) {
            batch_[filled_++] = message;
            if (filled_ != kBatch) return;
            queue_.put_many(batch_);
            filled_ = 0;
        }

    private:
        cohort::Queue<Message> queue_;
        std::array<Message, kBatch> batch_;
        std::size_t filled_ = 0;
    };
    class Receiver {
    public:
        explicit Receiver(ManyEnds& ends) : queue_(ends.queue) {}
        void receive(Message& message) {
            if (next_ == batch_.size()) {
                batch_ = queue_.get_many(kBatch);
                next_ = 0;
            }
            message = batch_[next_++];
        }

    private:
        cohort::Queue<Message> queue_;
        std::vector<Message> batch_;
        std::size_t next_ = 0;
    };
};

// Messages that are serialized.
struct BytesEnds {
    using Message = std::vector<std::byte>;
    explicit BytesEnds(std::size_t bytes) : size(bytes), queue(cells_for(bytes)) {}
    Message blank() const { return Message(size); }

    std::size_t size;
    cohort::Queue<Message> queue;

    struct Sender {
        explicit Sender(BytesEnds& ends) : queue(ends.queue) {}
        void send(const Message& message) { queue.put(message); }
        cohort::Queue<Message> queue;
    };
    struct Receiver {
        explicit Receiver(BytesEnds& ends) : queue(ends.queue) {}
        void receive(Message& message) { message = queue.get(); }
        cohort::Queue<Message> queue;
    };
};

constexpr const char* kName = "cohort Queue";

}  // namespace

Contender cohort_queue(std::size_t bytes) {
    if (bytes == kSmall) return contender<PlainEnds<cells_for(kSmall)>>(kName, 2'500'000);
    return cohort_queue_of_bytes(bytes);
}

Contender cohort_queue_of_bytes(std::size_t bytes) {
    return contender<BytesEnds>(kName, messages_for(bytes), bytes);
}

Contender cohort_queue_without_bound() {
    return contender<PlainEnds<0>>("cohort Queue without a bound", 2'500'000);
}

Contender cohort_queue_many() {
    return contender<ManyEnds>("cohort put_many, get_many", 6'000'000);
}

}  // namespace bench
