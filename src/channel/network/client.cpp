// SPDX-License-Identifier: MIT
#include <cohort/channel/client.hpp>

#include <cohort/base/errors.hpp>

#include "channel/network/connecting.hpp"
#include "channel/network/newcomer.hpp"
#include "channel/network/openssl_tls.hpp"
#include "os/poll.hpp"
#include "os/tcp_socket.hpp"
#include "os/unix_socket.hpp"

#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace cohort {

namespace {

using channel::Handshake;
using channel::Newcomer;
using channel::OpenSslTls;
using channel::Tls;
using channel::TlsContext;
using channel::Wire;

Descriptor open_socket(const Address& address, const Deadline& deadline) {
    if (address.is_tcp()) return os::tcp_connect({address.host(), address.port()}, deadline);
    return os::unix_connect(address.path(), deadline);
}

Descriptor connect_in_time(const Address& address, const Deadline& deadline) {
    try {
        return open_socket(address, deadline);
    } catch (const std::system_error& error) {
        const bool waited =
            error.code() == std::errc::timed_out || error.code() == std::errc::resource_unavailable_try_again;
        if (!waited || !deadline.passed()) throw;
        throw TimeoutError("connect " + channel::name_in_errors(address) + ": the timeout is over");
    }
}

Wire prove(Wire wire, const std::string& peer, const ClientOptions& options) {
    std::optional<Handshake> handshake;
    if (options.authkey) handshake.emplace(Handshake::Side::client, *options.authkey, options.allow_md5);
    Newcomer listener(std::move(wire), peer, std::move(handshake), options.handshake_timeout);
    while (!listener.advance()) os::wait_readable(listener.descriptor(), listener.deadline());
    return listener.release();
}

}  // namespace

Wire channel::connect_to_listener(const Address& address, const ClientOptions& options) {
    if (!address) throw ValueError("a Client needs the address of a Listener");
    std::shared_ptr<const TlsContext> context;
    if (address.is_tls()) context = std::make_shared<const TlsContext>(TlsContext::Side::client, address);
    Descriptor socket = connect_in_time(address, Deadline(options.timeout));
    std::unique_ptr<Tls> tls = context ? std::make_unique<OpenSslTls>(context, socket.get()) : nullptr;
    Wire wire(std::move(socket), std::move(tls));
    if (!options.authkey && !wire.is_tls()) return wire;
    return prove(std::move(wire), name_in_errors(address), options);
}

Connection Client(const Address& address, const ClientOptions& options) {
    return channel::make_connection(channel::connect_to_listener(address, options), channel::name_in_errors(address));
}

}  // namespace cohort
