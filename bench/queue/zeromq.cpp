// SPDX-License-Identifier: MIT
// PUSH and PULL over ipc://, each with a context of its own process: a context does not live through a fork.
#include "queue/contenders.hpp"

#if defined(COHORT_BENCH_ZEROMQ)
#include <unistd.h>
#include <zmq.h>

#include <stdexcept>
#endif

namespace bench {

#if defined(COHORT_BENCH_ZEROMQ)

namespace {

class Socket {
public:
    explicit Socket(int type) : context_(::zmq_ctx_new()), socket_(::zmq_socket(context_, type)) {
        const int most = static_cast<int>(cells_for(kSmall));
        require(::zmq_setsockopt(socket_, type == ZMQ_PUSH ? ZMQ_SNDHWM : ZMQ_RCVHWM, &most, sizeof most) == 0);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    // Stays until everything is sent.
    ~Socket() {
        ::zmq_close(socket_);
        ::zmq_ctx_term(context_);
    }
    void* get() const { return socket_; }

    static void require(bool done) {
        if (!done) throw std::runtime_error(::zmq_strerror(::zmq_errno()));
    }

private:
    void* context_;
    void* socket_;
};

struct ZeromqEnds {
    using Message = MessageOf<kSmall>;
    static Message blank() { return {}; }
    static constexpr bool kProducerEnds = true;

    // Without a file.
    std::string address = "ipc://@cohort-bench-" + std::to_string(::getpid());

    struct Sender {
        explicit Sender(ZeromqEnds& ends) { Socket::require(::zmq_connect(socket.get(), ends.address.c_str()) == 0); }
        void send(const Message& message) {
            Socket::require(::zmq_send(socket.get(), &message, sizeof message, 0) == sizeof message);
        }
        Socket socket{ZMQ_PUSH};
    };
    struct Receiver {
        explicit Receiver(ZeromqEnds& ends) { Socket::require(::zmq_bind(socket.get(), ends.address.c_str()) == 0); }
        void receive(Message& message) {
            Socket::require(::zmq_recv(socket.get(), &message, sizeof message, 0) == sizeof message);
        }
        Socket socket{ZMQ_PULL};
    };
};

}  // namespace

std::optional<Contender> zeromq() {
    return contender<ZeromqEnds>("ZeroMQ ipc", 1'500'000);
}

#else

std::optional<Contender> zeromq() {
    return {};
}

#endif

}  // namespace bench
