// SPDX-License-Identifier: MIT
#pragma once

#include "os/file_identity.hpp"
#include "os/socket.hpp"

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cohort::os {

/// A stream socket that listens at a path, which it makes; the caller removes it.
/// @param path at most 107 bytes; one that begins with a zero byte is a name in the abstract namespace, without a file
/// @throws std::system_error; ENAMETOOLONG for a longer path
Descriptor unix_listen(const std::string& path, int backlog);

/// A socket that listens at a path, and its file.
struct UnixListener {
    Descriptor socket{};
    FileIdentity file{};  ///< of no meaning for a name in the abstract namespace
};

/// As unix_listen(); a socket's file is replaced if nobody listens there any more. Of two processes that do it at once,
/// one gets the path.
/// @throws std::system_error with EADDRINUSE if somebody listens there, or it is no socket
UnixListener unix_listen_replacing(const std::string& path, int backlog);

/// Removes the path of a socket, if it still is this file. To be sure of that the socket must still be open: then no
/// other file has its number.
void unix_remove(const std::string& path, const FileIdentity& file) noexcept;

/// The path of local_address() or peer_address(): empty if it has none, with a zero byte in front in the abstract
/// namespace.
std::string unix_path(const SocketAddress& address);

/// How errors name it: `'/tmp/socket'`, `'@name'` in the abstract namespace.
std::string path_text(const std::string& path);

/// A stream connected to the server at a path.
Descriptor unix_connect(const std::string& path, const Deadline& deadline);

enum class SocketKind {
    stream,     ///< a stream of bytes
    seqpacket,  ///< packets, each received whole
};

/// Two ends that are connected with each other.
/// @throws std::system_error
std::pair<Descriptor, Descriptor> socket_pair(SocketKind kind);

/// The most descriptors that one message carries.
inline constexpr std::size_t kMaxPassedDescriptors = 253;

/// Sends bytes, and with them copies of open descriptors that stay the caller's. No SIGPIPE is raised.
/// A packet is sent whole. On a stream the call may send less: the descriptors go with the first byte.
/// @param flags MSG_DONTWAIT, for example
/// @return how many bytes were sent
/// @throws std::system_error with EPIPE when the other end is closed, with EAGAIN when it would wait and may not
std::size_t send_message(int socket, std::span<const std::byte> bytes, std::span<const int> descriptors = {},
                         int flags = 0);

/// Sends one packet of two parts, as send_message() does; it is sent whole or not at all.
void send_packet(int socket, std::span<const std::byte> head, std::span<const std::byte> body,
                 std::span<const int> descriptors = {});

/// How many bytes may wait for the other side, the kernel's own included: no packet may be larger.
std::size_t send_buffer_bytes(int socket);

/// As send_message(), until all bytes of a stream are sent.
void send_whole(int socket, std::span<const std::byte> bytes, std::span<const int> descriptors = {});

/// What was received.
struct Received {
    std::size_t size = 0;                   ///< bytes stored in the buffer
    std::vector<Descriptor> descriptors{};  ///< owned by the caller, closed on exec
    bool end = false;                       ///< the other end is closed; an empty packet looks the same
    bool truncated = false;                 ///< the packet was longer than the buffer, the rest is lost
};

/// Receives a packet, or what a stream has.
/// @throws std::system_error; with EMFILE if descriptors came that this process has no room for: none is kept then
Received receive_message(int socket, std::span<std::byte> buffer, int flags = 0);

/// A packet of any size.
struct Message {
    std::vector<std::byte> bytes{};
    std::vector<Descriptor> descriptors{};
    bool end = false;
};

/// Receives a whole packet of a seqpacket socket. For one receiver at a time.
Message receive_packet(int socket);

/// The process at the other end, as it was when the two were connected.
pid_t peer_pid(int socket);

/// Whether the process at the other end belongs to the same user as this one, or to root; as it was then.
bool peer_is_own(int socket);

}  // namespace cohort::os
