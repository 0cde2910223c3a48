// SPDX-License-Identifier: MIT
// PUSH and PULL over ipc://, each with a context of its own process: a context does not live through a fork.
#include "queue/contenders.hpp"
#include "queue/letters.hpp"

#if defined(COHORT_BENCH_ZEROMQ)
#include <unistd.h>
#include <zmq.h>

#include <span>
#include <stdexcept>
#include <vector>
#endif

namespace bench {

#if defined(COHORT_BENCH_ZEROMQ)

namespace {

// Without a file.
std::string new_address() {
    static int count = 0;
    return "ipc://@cohort-bench-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

class Socket {
public:
    /// @param most  how many messages wait here
    Socket(int type, std::uint32_t most) : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, type)) {
        const int limit = static_cast<int>(most);
        require(::zmq_setsockopt(socket_, type == ZMQ_PUSH ? ZMQ_SNDHWM : ZMQ_RCVHWM, &limit, sizeof limit) == 0);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    // Stays until everything is sent.
    ~Socket() {
        ::zmq_close(socket_);
        ::zmq_ctx_term(context_);
    }
    void send(std::span<const std::byte> message) {
        require(::zmq_send(socket_, message.data(), message.size(), 0) == static_cast<int>(message.size()));
    }
    void receive(std::span<std::byte> message) {
        require(::zmq_recv(socket_, message.data(), message.size(), 0) == static_cast<int>(message.size()));
    }
    void connect(const std::string& address) { require(::zmq_connect(socket_, address.c_str()) == 0); }
    void bind(const std::string& address) { require(::zmq_bind(socket_, address.c_str()) == 0); }

private:
    static void require(bool done) {
        if (!done) throw std::runtime_error(::zmq_strerror(::zmq_errno()));
    }

    void* context_;
    void* socket_;
};

struct ZeromqEnds {
    using Message = std::vector<std::byte>;
    explicit ZeromqEnds(std::size_t bytes) : size(bytes) {}
    Message blank() const { return Message(size); }
    static constexpr bool kProducerEnds = true;

    std::size_t size;
    std::string address = new_address();

    struct Sender {
        explicit Sender(ZeromqEnds& ends) : socket(ZMQ_PUSH, cells_for(ends.size)) { socket.connect(ends.address); }
        void send(const Message& message) { socket.send(message); }
        Socket socket;
    };
    struct Receiver {
        explicit Receiver(ZeromqEnds& ends) : socket(ZMQ_PULL, cells_for(ends.size)) { socket.bind(ends.address); }
        void receive(Message& message) { socket.receive(message); }
        Socket socket;
    };
};

// Who first sends connects, who first receives binds.
struct ZeromqWay {
    std::string address = new_address();
    std::optional<Socket> socket{};

    void send(Letter letter) {
        if (!socket) socket.emplace(ZMQ_PUSH, 1).connect(address);
        socket->send(bytes_of(letter));
    }
    Letter receive() {
        if (!socket) socket.emplace(ZMQ_PULL, 1).bind(address);
        Letter letter;
        socket->receive(bytes_of(letter));
        return letter;
    }
};

}  // namespace

std::optional<Contender> zeromq(std::size_t bytes) {
    return contender<ZeromqEnds>("ZeroMQ ipc", bytes == kSmall ? 1'500'000 : messages_for(bytes), bytes);
}

double zeromq_trip(Place place) {
    return figure_apart([=] { return trip<ZeromqWay>(place, 3'000); });
}

#else

std::optional<Contender> zeromq(std::size_t) {
    return {};
}
double zeromq_trip(Place) {
    return 0;
}

#endif

}  // namespace bench
