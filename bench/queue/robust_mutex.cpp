// SPDX-License-Identifier: MIT
// A ring under one robust mutex, which is what crash safety costs with what the C library has. A process moves as many
// messages at once as it has, up to a batch.
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <new>

#include "queue/contenders.hpp"
#include "ring/waiting.hpp"

namespace bench {

namespace {

using Message = MessageOf<kSmall>;
constexpr std::uint64_t kCells = cells_for(kSmall);

class Mutex {
public:
    Mutex() {
        pthread_mutexattr_t attributes;
        ::pthread_mutexattr_init(&attributes);
        ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        ::pthread_mutex_init(&mutex_, &attributes);
        ::pthread_mutexattr_destroy(&attributes);
    }
    void lock() {
        if (::pthread_mutex_lock(&mutex_) == EOWNERDEAD) ::pthread_mutex_consistent(&mutex_);
    }
    void unlock() { ::pthread_mutex_unlock(&mutex_); }

private:
    pthread_mutex_t mutex_;
};

struct Ring {
    Mutex mutex;
    std::atomic<std::uint64_t> tail;  // written under the mutex, read also to know whether to wait
    std::atomic<std::uint64_t> head;
    alignas(128) Message cells[kCells];

    std::uint64_t items() const { return tail.load(std::memory_order_relaxed) - head.load(std::memory_order_relaxed); }

    // Both return how many they moved.
    std::size_t put(const Message* from, std::size_t count) {
        mutex.lock();
        const std::uint64_t begin = tail.load(std::memory_order_relaxed);
        count = std::min<std::size_t>(count, kCells - items());
        for (std::size_t i = 0; i != count; ++i) cells[(begin + i) % kCells] = from[i];
        tail.store(begin + count, std::memory_order_relaxed);
        mutex.unlock();
        return count;
    }
    std::size_t take(Message* to, std::size_t count, bool& wake) {
        mutex.lock();
        const std::uint64_t begin = head.load(std::memory_order_relaxed);
        count = std::min<std::size_t>(count, items());
        for (std::size_t i = 0; i != count; ++i) to[i] = cells[(begin + i) % kCells];
        head.store(begin + count, std::memory_order_relaxed);
        mutex.unlock();
        wake = (begin + count) / (kCells / 8) != begin / (kCells / 8);  // as the other rings
        return count;
    }
};

template <std::size_t kAtOnce>
struct RobustEnds {
    using Message = bench::MessageOf<kSmall>;
    static Message blank() { return {}; }

    SharedRing memory{sizeof(Ring)};
    Ring& ring = *new (memory.ring()) Ring;

    class Sender {
    public:
        explicit Sender(RobustEnds& ends) : ends_(ends) {}
        Sender(const Sender&) = delete;
        Sender& operator=(const Sender&) = delete;
        ~Sender() { flush(); }
        void send(const Message& message) {
            batch_[filled_++] = message;
            if (filled_ == kAtOnce) flush();
        }

    private:
        void flush() {
            for (std::size_t done = 0; done != filled_;) {
                const std::size_t put = ends_.ring.put(&batch_[done], filled_ - done);
                if (put != 0)
                    ends_.memory.items.ring();
                else
                    SleepAtOnce().wait(ends_.memory.room, [&] { return ends_.ring.items() != kCells; });
                done += put;
            }
            filled_ = 0;
        }
        RobustEnds& ends_;
        std::array<Message, kAtOnce> batch_;
        std::size_t filled_ = 0;
    };
    class Receiver {
    public:
        explicit Receiver(RobustEnds& ends) : ends_(ends) {}
        void receive(Message& message) {
            if (next_ == filled_) fill();
            message = batch_[next_++];
        }

    private:
        void fill() {
            bool wake = false;
            while ((filled_ = ends_.ring.take(batch_.data(), kAtOnce, wake)) == 0)
                SleepAtOnce().wait(ends_.memory.items, [&] { return ends_.ring.items() != 0; });
            next_ = 0;
            if (wake) ends_.memory.room.ring();
        }
        RobustEnds& ends_;
        std::array<Message, kAtOnce> batch_;
        std::size_t next_ = 0;
        std::size_t filled_ = 0;
    };
};

}  // namespace

Contender robust_ring() {
    return contender<RobustEnds<1>>("robust-mutex ring", 1'500'000);
}

Contender robust_ring_batched() {
    return contender<RobustEnds<kBatch>>("robust-mutex ring, 32 a lock", 6'000'000);
}

}  // namespace bench
