// SPDX-License-Identifier: MIT
#include "channel/network/listening_socket.hpp"

#include <cohort/base/errors.hpp>

#include "channel/network/connecting.hpp"
#include "os/process_identity.hpp"
#include "os/random.hpp"
#include "os/socket.hpp"
#include "os/tcp_socket.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace cohort::channel {

namespace {

Address new_name() {
    constexpr std::size_t kBytes = 16;
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string name = "cohort-";
    for (const char byte : os::random_bytes(kBytes)) {
        name += kDigits[static_cast<unsigned char>(byte) >> 4];
        name += kDigits[static_cast<unsigned char>(byte) & 15];
    }
    return Address::abstract_unix(name);
}

os::UnixListener open_at(const Address& address, int backlog) {
    if (address.is_unix()) return os::unix_listen_replacing(address.path(), backlog);
    return {os::tcp_listen({address.host(), address.port()}, backlog), {}};
}

}  // namespace

ListeningSocket::ListeningSocket(Address address, int backlog, bool needs_key)
    : address_(address ? std::move(address) : new_name()), owner_(os::current_pid()) {
    if (address_.is_tls()) tls_ = std::make_shared<const TlsContext>(TlsContext::Side::listener, address_);
    listening_ = open_at(address_, backlog);
    if (address_.is_unix() && !address_.path().starts_with('\0')) path_ = address_.path();
    const os::SocketAddress real = os::local_address(get());
    const bool asks_for_certificates = !address_.tls().ca.empty();
    if (!needs_key || asks_for_certificates || os::is_local(real)) {
        const Address found = address_of(real);
        if (address_.is_tls())  // whose certificate is for the host that was named
            address_ = Address::tls(address_.host(), found.port(), address_.tls());
        else if (address_.is_tcp())
            address_ = found;
        return;
    }
    close();
    throw ValueError("a Listener at " + name_in_errors(address_) +
                     " can be reached from other machines: give it an .authkey, or .allow_unauthenticated = true to "
                     "let anybody connect");
}

Wire ListeningSocket::wire(Descriptor accepted) const {
    if (address_.is_tcp()) os::set_no_delay(accepted.get());
    std::unique_ptr<Tls> tls = tls_ ? std::make_unique<OpenSslTls>(tls_, accepted.get()) : nullptr;
    return {std::move(accepted), std::move(tls)};
}

void ListeningSocket::close() noexcept {
    if (closed_.exchange(true)) return;
    if (path_ && owner_ == os::current_pid()) os::unix_remove(*path_, listening_.file);
    listening_.socket.reset();
}

}  // namespace cohort::channel
