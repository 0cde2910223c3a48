// SPDX-License-Identifier: MIT
#include "manager/client/shared_link.hpp"

#include <cohort/base/errors.hpp>

#include "manager/spin_before_sleep.hpp"
#include "os/poll.hpp"
#include "os/socket.hpp"

#include <array>

namespace cohort::manager {

std::size_t SharedLink::send(std::span<const std::byte> head, std::span<const std::byte> body) {
    wait([&]() noexcept { return stream_.writable(); });
    const std::size_t sent = stream_.send(head, body);
    wake_server();
    return sent;
}

std::size_t SharedLink::receive(std::span<std::byte> buffer) {
    wait([&]() noexcept { return stream_.readable(); });
    const std::size_t received = stream_.receive(buffer);
    wake_server();  // which may wait for room
    return received;
}

template <class Ready>
void SharedLink::wait(Ready ready) {
    if (wait_before_sleep(stream_.in_crowd(), spinner_, yielder_, ready)) return;
    for (;;) {
        stream_.announce_sleep();
        shm::full_fence();
        if (ready()) break;
        try {
            sleep();
        } catch (const std::exception&) {
            if (ready()) break;  // the last that it has sent
            throw;
        }
    }
    stream_.awake();
}

// Until the server wakes us, or has gone.
void SharedLink::sleep() {
    std::array<std::byte, 64> wakes;
    const auto got = os::receive_stream(socket_, wakes, 0, server_);
    if (got == std::size_t{0}) throw EofError("the manager at " + server_ + " has closed the connection");
    if (!got) os::wait_readable(socket_, Deadline(forever));
}

void SharedLink::wake_server() {
    constexpr std::byte kWake{1};
    if (stream_.takes_sleeper()) os::send_stream(socket_, {&kWake, 1}, {}, 0, server_);
}

}  // namespace cohort::manager
