// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include <sys/socket.h>

#include <cstddef>
#include <optional>
#include <span>
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

/// Whether only processes of this machine reach the address: 127.0.0.0/8, ::1, or no address of the internet at all.
bool is_local(const SocketAddress& address) noexcept;

/// A socket that is bound to the address and listens.
/// @param text the address in errors
Descriptor listen_at(const SocketAddress& address, int backlog, std::string_view text);

/// A stream connected to the address.
/// @throws std::system_error with ETIMEDOUT when the time is up
Descriptor connect_to(const SocketAddress& address, const Deadline& deadline, std::string_view text);

/// The next connection of a socket that listens; nothing when the time is up. One that was closed again before it could
/// be taken is passed over.
/// @param peer  gets the address of the other end, unless null
Descriptor accept_from(int socket, const Deadline& deadline, SocketAddress* peer = nullptr);

/// Sends the beginning of two parts on a stream. No SIGPIPE is raised.
/// @param flags MSG_DONTWAIT, for example
/// @param text  the other end, in errors
/// @return how many bytes were sent
/// @throws std::system_error with EPIPE or ECONNRESET when the other end is closed, with EAGAIN when it would wait and
/// may not
std::size_t send_stream(int socket, std::span<const std::byte> head, std::span<const std::byte> body, int flags,
                        std::string_view text);

/// Receives what a stream has, at most the buffer's size.
/// @param flags MSG_DONTWAIT, or MSG_WAITALL to wait until the buffer is full, for example
/// @return 0 at the end of the stream; nothing when it would wait and may not
/// @throws std::system_error
std::optional<std::size_t> receive_stream(int socket, std::span<std::byte> buffer, int flags, std::string_view text);

/// Ends a stream in both directions, for all processes that have it. A stream that has ended already stays so.
void shut_down(int socket) noexcept;

}  // namespace cohort::os
