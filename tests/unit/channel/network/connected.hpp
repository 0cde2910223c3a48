// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/client.hpp>
#include <cohort/channel/listener.hpp>

#include "channel/network/connecting.hpp"
#include "os/unix_socket.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cohort::test {

/// A connection, and the socket at its other end, for bytes that are no frames.
struct RawPeer {
    Connection connection;
    Descriptor socket;
};

inline RawPeer raw_peer() {
    auto [one, other] = os::socket_pair(os::SocketKind::stream);
    return {channel::make_connection(std::move(one), "the peer"), std::move(other)};
}

/// The two ends of a connection.
inline std::pair<Connection, Connection> connected() {
    auto [one, other] = os::socket_pair(os::SocketKind::stream);
    return {channel::make_connection(std::move(one), "one"), channel::make_connection(std::move(other), "other")};
}

inline std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

}  // namespace cohort::test
