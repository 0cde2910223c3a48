// SPDX-License-Identifier: MIT
#pragma once

#include "os/socket.hpp"

#include <cstdint>
#include <string>
#include <system_error>

namespace cohort::os {

/// A host, by name or number, and a port.
struct TcpAddress {
    std::string host{};
    std::uint16_t port = 0;  ///< 0 for a server: a free one
};

/// A socket that listens at a local address.
/// @param address an empty host: all addresses of this machine. Of a name that has several, the first of IPv4 that
/// works
/// @throws std::system_error, with a code of address_category() if the host is not known
Descriptor tcp_listen(const TcpAddress& address, int backlog);

/// A connection to a server, without Nagle's delay. Each address of the host is tried in turn.
/// @throws std::system_error for the last that was tried; ETIMEDOUT when the time is up
Descriptor tcp_connect(const TcpAddress& address, const Deadline& deadline);

/// Sends small messages at once, also for accepted connections.
void set_no_delay(int socket);

/// How errors name it: `'localhost':5000`.
std::string text_of(const TcpAddress& address);

/// Host (by number) and port of local_address() or peer_address().
TcpAddress tcp_address(const SocketAddress& address);

/// The errors of the resolver (EAI_NONAME and others).
const std::error_category& address_category() noexcept;

}  // namespace cohort::os
