// SPDX-License-Identifier: MIT
#include "channel/network/connecting.hpp"

#include "channel/ends.hpp"
#include "channel/maker.hpp"
#include "channel/network/stream.hpp"
#include "os/tcp_socket.hpp"
#include "os/unix_socket.hpp"

#include <memory>
#include <utility>

namespace cohort::channel {

Address address_of(const os::SocketAddress& address) {
    if (address.storage.ss_family != AF_UNIX) {
        const auto found = os::tcp_address(address);
        return Address::tcp(found.host, found.port);
    }
    std::string path = os::unix_path(address);
    return path.empty() ? Address() : Address::unix(std::move(path));
}

std::string name_in_errors(const Address& address) {
    return address.is_tcp() ? os::text_of({address.host(), address.port()}) : os::path_text(address.path());
}

Connection make_connection(Wire wire, const std::string& peer) {
    auto stream = std::make_unique<const Stream>(peer, wire.take_tls());
    return ConnectionMaker::make(Ends::make_stream(wire.take_socket(), std::move(stream)));
}

}  // namespace cohort::channel
