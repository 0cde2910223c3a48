// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include <sys/socket.h>

#include <string_view>

namespace cohort::os {

/// An address of the kernel's, of any family.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// The address that a socket is bound to.
SocketAddress local_address(int socket);

/// The address of the other end of a connected socket.
SocketAddress peer_address(int socket);

/// A socket that is bound to the address and listens.
/// @param text the address in errors
Descriptor listen_at(const SocketAddress& address, int backlog, std::string_view text);

/// A stream connected to the address.
/// @throws std::system_error with ETIMEDOUT when the time is up
Descriptor connect_to(const SocketAddress& address, const Deadline& deadline, std::string_view text);

/// The next connection of a socket that listens; nothing when the time is up. One that was closed again before it could
/// be taken is passed over.
Descriptor accept_from(int socket, const Deadline& deadline);

}  // namespace cohort::os
