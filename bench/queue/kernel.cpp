// SPDX-License-Identifier: MIT
// What the kernel has for messages: two system calls for each.
#include <fcntl.h>
#include <mqueue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "queue/contenders.hpp"

namespace bench {

namespace {

void require(bool done, const char* call) {
    if (!done) throw std::system_error(errno, std::generic_category(), call);
}

/// Two descriptors: one that reads and one that writes.
struct Descriptors {
    ~Descriptors() {
        ::close(reads);
        ::close(writes);
    }
    int reads = -1;
    int writes = -1;
};

struct Pipe : Descriptors {
    static constexpr int kBytes = 1 << 20;
    Pipe() {
        int ends[2];
        require(::pipe(ends) == 0, "pipe");
        reads = ends[0];
        writes = ends[1];
        require(::fcntl(writes, F_SETPIPE_SZ, kBytes) >= 0, "F_SETPIPE_SZ");
    }
    ssize_t send(const void* from, std::size_t bytes) const { return ::write(writes, from, bytes); }
    ssize_t receive(void* to, std::size_t bytes) const { return ::read(reads, to, bytes); }
};

struct Packets : Descriptors {
    Packets() {
        int ends[2];
        require(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "socketpair");
        reads = ends[0];
        writes = ends[1];
    }
    ssize_t send(const void* from, std::size_t bytes) const { return ::send(writes, from, bytes, MSG_NOSIGNAL); }
    ssize_t receive(void* to, std::size_t bytes) const { return ::recv(reads, to, bytes, 0); }
};

/// As long as the system lets everyone have one.
struct PosixQueue {
    PosixQueue() {
        mq_attr attributes{};
        attributes.mq_maxmsg = 10;
        std::ifstream("/proc/sys/fs/mqueue/msg_max") >> attributes.mq_maxmsg;
        attributes.mq_msgsize = kSmall;
        const std::string name = "/cohort-bench-" + std::to_string(::getpid());
        queue = ::mq_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
        require(queue >= 0, "mq_open");
        ::mq_unlink(name.c_str());
    }
    ~PosixQueue() { ::mq_close(queue); }
    ssize_t send(const void* from, std::size_t bytes) const {
        return ::mq_send(queue, static_cast<const char*>(from), bytes, 0) == 0 ? static_cast<ssize_t>(bytes) : -1;
    }
    ssize_t receive(void* to, std::size_t bytes) const {
        return ::mq_receive(queue, static_cast<char*>(to), bytes, nullptr);
    }
    mqd_t queue;
};

template <class Channel>
struct KernelEnds {
    using Message = MessageOf<kSmall>;
    static Message blank() { return {}; }

    Channel channel;

    struct Sender {
        explicit Sender(KernelEnds& ends) : channel(ends.channel) {}
        void send(const Message& message) { require(channel.send(&message, sizeof message) == sizeof message, "send"); }
        const Channel& channel;
    };
    struct Receiver {
        explicit Receiver(KernelEnds& ends) : channel(ends.channel) {}
        void receive(Message& message) {
            require(channel.receive(&message, sizeof message) == sizeof message, "receive");
        }
        const Channel& channel;
    };
};

}  // namespace

Contender raw_pipe() {
    return contender<KernelEnds<Pipe>>("raw pipe", 600'000);
}

Contender raw_packets() {
    return contender<KernelEnds<Packets>>("SEQPACKET socketpair", 250'000);
}

Contender posix_queue() {
    return contender<KernelEnds<PosixQueue>>("POSIX mq", 250'000);
}

}  // namespace bench
