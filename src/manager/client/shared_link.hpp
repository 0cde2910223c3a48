// SPDX-License-Identifier: MIT
#pragma once

#include "manager/shared_stream.hpp"
#include "manager/yielder.hpp"
#include "shm/spinner.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace cohort::manager {

/// The client's side of a shared stream, and how it waits for the server: a short spin, then sleep on the socket.
///
/// Thread safety, FORK: as SharedStream. DEATH: of the server: calls throw EofError or std::system_error, when what it
/// had sent is received.
class SharedLink {
public:
    /// @param socket  stays the caller's   @param server  names it in errors
    SharedLink(SharedStream stream, int socket, std::string server) noexcept
        : stream_(std::move(stream)), socket_(socket), server_(std::move(server)) {}

    /// Sends the front of two parts, and waits for room for at least one byte. @returns how many were sent
    std::size_t send(std::span<const std::byte> head, std::span<const std::byte> body);
    /// Waits for at least one byte. @returns how many came
    std::size_t receive(std::span<std::byte> buffer);

private:
    template <class Ready>
    void wait(Ready ready);
    void sleep();
    void wake_server();

    SharedStream stream_;
    shm::Spinner spinner_;
    Yielder yielder_;
    const int socket_;
    const std::string server_;
};

}  // namespace cohort::manager
