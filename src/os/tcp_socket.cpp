// SPDX-License-Identifier: MIT
#include "os/tcp_socket.hpp"

#include "os/system_call.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <vector>

namespace cohort::os {

namespace {

class AddressCategory : public std::error_category {
    const char* name() const noexcept override { return "address"; }
    std::string message(int error) const override { return ::gai_strerror(error); }
};

[[noreturn]] void throw_resolver_error(int error, const char* call, const std::string& text) {
    if (error == EAI_SYSTEM) throw_error(errno, call, text);
    throw std::system_error(error, address_category(), std::string(call) + " " + text);
}

std::vector<SocketAddress> resolve(const TcpAddress& address, int flags) {
    addrinfo hints{};
    hints.ai_flags = flags;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const char* host = address.host.empty() ? nullptr : address.host.c_str();
    int error = ::getaddrinfo(host, std::to_string(address.port).c_str(), &hints, &list);
    if (error) throw_resolver_error(error, "getaddrinfo", text_of(address));
    std::vector<SocketAddress> found;
    for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
        SocketAddress& next = found.emplace_back();
        std::memcpy(&next.storage, entry->ai_addr, entry->ai_addrlen);
        next.size = entry->ai_addrlen;
    }
    ::freeaddrinfo(list);
    // Python's peers know IPv4 only.
    std::stable_partition(found.begin(), found.end(),
                          [](const SocketAddress& each) { return each.storage.ss_family == AF_INET; });
    return found;
}

/// Opens the first address that works, or throws the error of the last.
template <class Open>
Descriptor first_that_opens(const std::vector<SocketAddress>& addresses, Open open) {
    std::exception_ptr last;
    for (const SocketAddress& address : addresses) {
        try {
            return open(address);
        } catch (const std::system_error&) {
            last = std::current_exception();
        }
    }
    std::rethrow_exception(last);  // the resolver gives at least one address
}

}  // namespace

std::string text_of(const TcpAddress& address) {
    return "'" + address.host + "':" + std::to_string(address.port);
}

Descriptor tcp_listen(const TcpAddress& address, int backlog) {
    return first_that_opens(resolve(address, AI_PASSIVE),
                            [&](const SocketAddress& next) { return listen_at(next, backlog, text_of(address)); });
}

Descriptor tcp_connect(const TcpAddress& address, const Deadline& deadline) {
    Descriptor socket = first_that_opens(
        resolve(address, 0), [&](const SocketAddress& next) { return connect_to(next, deadline, text_of(address)); });
    set_no_delay(socket.get());
    return socket;
}

void set_no_delay(int socket) {
    int on = 1;
    checked("setsockopt", "(TCP_NODELAY) " + descriptor_text(socket),
            [&] { return ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); });
}

TcpAddress tcp_address(const SocketAddress& address) {
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    int error = ::getnameinfo(address.get(), address.size, host, sizeof host, port, sizeof port,
                              NI_NUMERICHOST | NI_NUMERICSERV);
    if (error) throw_resolver_error(error, "getnameinfo", {});
    return {host, static_cast<std::uint16_t>(std::stoi(port))};
}

const std::error_category& address_category() noexcept {
    static const AddressCategory category;
    return category;
}

}  // namespace cohort::os
