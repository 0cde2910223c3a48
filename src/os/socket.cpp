// SPDX-License-Identifier: MIT
#include "os/socket.hpp"

#include "os/file.hpp"
#include "os/poll.hpp"
#include "os/system_call.hpp"

#include <netinet/in.h>

#include <cstring>

namespace cohort::os {

namespace {

sockaddr* writable(SocketAddress& address) noexcept {
    return reinterpret_cast<sockaddr*>(&address.storage);
}

Descriptor open_stream(const SocketAddress& address, int flags, std::string_view text) {
    return above_standard_streams(Descriptor(checked(
        "socket", text, [&] { return ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0); })));
}

int take_socket_error(int socket, std::string_view text) {
    int error = 0;
    socklen_t size = sizeof error;
    checked("getsockopt", text, [&] { return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size); });
    return error;
}

void finish_connecting(int socket, const Deadline& deadline, std::string_view text) {
    if (!wait_writable(socket, deadline)) throw_error(ETIMEDOUT, "connect", text);
    if (int error = take_socket_error(socket, text)) throw_error(error, "connect", text);
}

/// A server of this machine whose queue of connections is full answers EAGAIN, and nothing tells when it has room
/// again.
int connect_when_there_is_room(int socket, const SocketAddress& address, const Deadline& deadline) {
    for (;;) {
        if (system_call("connect", [&] { return ::connect(socket, address.get(), address.size); }) == 0) return 0;
        if (errno != EAGAIN || address.storage.ss_family != AF_UNIX || deadline.passed()) return errno;
        poll({}, Deadline(std::chrono::milliseconds(1)));
    }
}

bool another_thread_took_it(int error) noexcept {
    return error == EAGAIN || error == ECONNABORTED || error == EPROTO;
}

}  // namespace

SocketAddress local_address(int socket) {
    SocketAddress address;
    address.size = sizeof address.storage;
    checked("getsockname", descriptor_text(socket),
            [&] { return ::getsockname(socket, writable(address), &address.size); });
    return address;
}

SocketAddress peer_address(int socket) {
    SocketAddress address;
    address.size = sizeof address.storage;
    checked("getpeername", descriptor_text(socket),
            [&] { return ::getpeername(socket, writable(address), &address.size); });
    return address;
}

bool is_local(const SocketAddress& address) noexcept {
    if (address.storage.ss_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &address.storage, sizeof four);
        return (ntohl(four.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
    }
    if (address.storage.ss_family != AF_INET6) return true;
    sockaddr_in6 six{};
    std::memcpy(&six, &address.storage, sizeof six);
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

Descriptor listen_at(const SocketAddress& address, int backlog, std::string_view text) {
    Descriptor socket = open_stream(address, SOCK_NONBLOCK, text);
    int on = 1;  // a server that is started again finds its port free; of no meaning for others than TCP
    checked("setsockopt", text, [&] { return ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); });
    checked("bind", text, [&] { return ::bind(socket.get(), address.get(), address.size); });
    checked("listen", text, [&] { return ::listen(socket.get(), backlog); });
    return socket;
}

Descriptor connect_to(const SocketAddress& address, const Deadline& deadline, std::string_view text) {
    Descriptor socket = open_stream(address, SOCK_NONBLOCK, text);
    int error = connect_when_there_is_room(socket.get(), address, deadline);
    // An interrupted connect goes on by itself and must not be repeated.
    if (error == EINPROGRESS || error == EINTR)
        finish_connecting(socket.get(), deadline, text);
    else if (error)
        throw_error(error, "connect", text);
    set_nonblocking(socket.get(), false);
    return socket;
}

Descriptor accept_from(int socket, const Deadline& deadline, SocketAddress* peer) {
    SocketAddress found;
    while (wait_readable(socket, deadline)) {
        found.size = sizeof found.storage;
        int number =
            uninterrupted("accept4", [&] { return ::accept4(socket, writable(found), &found.size, SOCK_CLOEXEC); });
        if (number >= 0 && peer) *peer = found;
        if (number >= 0) return above_standard_streams(Descriptor(number));
        if (!another_thread_took_it(errno)) throw_error(errno, "accept4", descriptor_text(socket));
        if (deadline.passed()) break;
    }
    return {};
}

std::size_t send_stream(int socket, std::span<const std::byte> head, std::span<const std::byte> body, int flags,
                        std::string_view text) {
    if (body.empty())  // a tenth of a microsecond less
        return static_cast<std::size_t>(
            checked("send", text, [&] { return ::send(socket, head.data(), head.size(), flags | MSG_NOSIGNAL); }));
    iovec parts[] = {{const_cast<std::byte*>(head.data()), head.size()},
                     {const_cast<std::byte*>(body.data()), body.size()}};
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    return static_cast<std::size_t>(
        checked("sendmsg", text, [&] { return ::sendmsg(socket, &header, flags | MSG_NOSIGNAL); }));
}

std::optional<std::size_t> receive_stream(int socket, std::span<std::byte> buffer, int flags, std::string_view text) {
    const ssize_t got = uninterrupted("recv", [&] { return ::recv(socket, buffer.data(), buffer.size(), flags); });
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN) return std::nullopt;
    throw_error(errno, "recv", text);
}

void shut_down(int socket) noexcept {
    uninterrupted("shutdown", [&] { return ::shutdown(socket, SHUT_RDWR); });
}

}  // namespace cohort::os
