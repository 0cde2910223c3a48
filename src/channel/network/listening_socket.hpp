// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/address.hpp>

#include "channel/network/openssl_tls.hpp"
#include "channel/network/wire.hpp"
#include "os/unix_socket.hpp"

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace cohort::channel {

/// Whether there is a key that not everybody knows.
inline bool is_secret(const std::optional<std::string>& authkey) noexcept {
    return authkey && !authkey->empty();
}

/// A socket that listens, and the path that belongs to it.
///
/// Thread safety: safe. FORK: the child's copy listens, too, and leaves the path where it is.
class ListeningSocket {
public:
    /// @param address  none: a new name in the abstract namespace
    /// @param needs_key  whether to refuse an address that other machines can reach: there is no key. Peers that have
    /// to show a certificate need none
    /// @throws std::system_error, ValueError  as Listener
    ListeningSocket(Address address, int backlog, bool needs_key);
    ~ListeningSocket() { close(); }
    ListeningSocket(const ListeningSocket&) = delete;
    ListeningSocket& operator=(const ListeningSocket&) = delete;

    int get() const noexcept { return listening_.socket.get(); }
    /// With the real port.
    const Address& address() const noexcept { return address_; }
    /// What was accepted from it.
    Wire wire(Descriptor accepted) const;
    /// Removes the path, too.
    void close() noexcept;

private:
    Address address_;
    std::shared_ptr<const TlsContext> tls_;
    os::UnixListener listening_;
    std::optional<std::string> path_;  ///< of the socket's file
    const pid_t owner_;
    std::atomic<bool> closed_{false};
};

}  // namespace cohort::channel
