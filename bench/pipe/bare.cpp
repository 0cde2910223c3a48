// SPDX-License-Identifier: MIT
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <vector>

#include "contenders.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

using Bytes = std::vector<unsigned char>;

void send_all(int socket, const Bytes& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const auto sent = ::send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (sent <= 0) throw std::runtime_error("send");
        done += static_cast<std::size_t>(sent);
    }
}

bool receive_all(int socket, Bytes& bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const auto got = ::recv(socket, bytes.data() + done, bytes.size() - done, 0);
        if (got <= 0) return false;
        done += static_cast<std::size_t>(got);
    }
    return true;
}

double timed(int type, const Trips& trips) {
    int ends[2];
    if (::socketpair(AF_UNIX, type, 0, ends) != 0) throw std::runtime_error("socketpair");
    Bytes sent(trips.bytes, 1), received(trips.bytes);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        pin(trips.place, true);
        while (receive_all(ends[1], received)) send_all(ends[1], received);
        ::_exit(0);
    }
    ::close(ends[1]);
    pin(trips.place, false);
    const auto once = [&] {
        ++sent.front();
        send_all(ends[0], sent);
        expect_same(receive_all(ends[0], received) && received == sent);
    };
    once();
    const double time = seconds([&] {
        for (int i = 0; i < trips.count; ++i) once();
    });
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return time / trips.count * 1e6;
}

}  // namespace

double bare_packets(const Trips& trips) {
    return timed(SOCK_SEQPACKET, trips);
}

double bare_stream(const Trips& trips) {
    return timed(SOCK_STREAM, trips);
}

void pin(Place place, bool is_child) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(place == Place::two_cores && is_child ? 1 : 0, &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

void expect_same(bool same) {
    if (!same) throw std::runtime_error("what came back is not what was sent");
}

}  // namespace bench
