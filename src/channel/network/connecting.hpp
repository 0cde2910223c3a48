// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/address.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/connection.hpp>

#include "channel/network/wire.hpp"
#include "os/socket.hpp"

#include <string>

namespace cohort::channel {

/// The address that the kernel's is; none for a unix socket without a name, as clients have.
Address address_of(const os::SocketAddress& address);

/// How errors name an address.
std::string name_in_errors(const Address& address);

/// What Client() does, without making a Connection of it.
Wire connect_to_listener(const Address& address, const ClientOptions& options);

/// The connection of a wire that is connected, through the handshake of its TLS, and whose peer has proved itself where
/// there is a key.
/// @param peer  names the other end in errors
Connection make_connection(Wire wire, const std::string& peer);

}  // namespace cohort::channel
