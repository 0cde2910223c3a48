// SPDX-License-Identifier: MIT
#include "os/tcp_socket.hpp"

#include "os/resolver.hpp"
#include "os/system_call.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <exception>
#include <vector>

namespace cohort::os {

namespace {

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
    return first_that_opens(resolve(address, AI_PASSIVE, Deadline(forever)),
                            [&](const SocketAddress& next) { return listen_at(next, backlog, text_of(address)); });
}

Descriptor tcp_connect(const TcpAddress& address, const Deadline& deadline) {
    Descriptor socket = first_that_opens(resolve(address, 0, deadline), [&](const SocketAddress& next) {
        return connect_to(next, deadline, text_of(address));
    });
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

}  // namespace cohort::os
