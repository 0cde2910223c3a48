// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/channel/address.hpp>
#include <cohort/channel/connection.hpp>
#include <cohort/channel/listener.hpp>

#include "channel/network/listening_socket.hpp"
#include "channel/network/newcomer.hpp"
#include "os/epoll.hpp"
#include "os/eventfd.hpp"
#include "os/socket.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace cohort::channel {

/// Where the peers of one Listener come in, in one process: those within a handshake wait here, all at once.
///
/// Thread safety: safe. FORK: the child's copy is left as it is, and the child makes its own: threads that do not exist
/// there may be within this one, and the kernel's set of descriptors is shared.
class Door {
public:
    /// @param socket  listens; the caller's, which keeps it until close(), and the options, too
    /// @throws std::system_error  there are no descriptors for it
    Door(const ListeningSocket& socket, const ListenerOptions& options);

    /// As Listener::accept().
    Connection accept(const Deadline& deadline);
    std::optional<Address> last_accepted();

    /// Accepts no more, lets those who wait leave, and sends the peers within a handshake away.
    void close() noexcept;

    int descriptor() const noexcept { return set_.get(); }
    /// The process that it belongs to.
    pid_t process() const noexcept { return process_; }

private:
    struct Guest {
        Newcomer newcomer;
        Address address;
    };
    using Newcomers = std::map<std::uint64_t, Guest>;  // in the order of their deadlines

    std::unique_lock<std::timed_mutex> take_turn(const Deadline& deadline);
    std::optional<Connection> step(const Deadline& deadline);
    Timeout until_next_deadline(const Deadline& deadline) const;
    std::optional<Connection> admit();
    Descriptor take_peer(os::SocketAddress& from);
    void make_room() noexcept;
    void begin_handshake(Wire wire, Address peer);
    std::optional<Connection> advance(Newcomers::iterator entered);
    Newcomers::node_type take_out(Newcomers::iterator entered) noexcept;
    void send_away(Newcomers::iterator entered) noexcept;
    std::string name_of_peer(const Address& peer) const;
    Connection welcome(Wire wire, Address peer);

    const ListeningSocket& socket_;
    const ListenerOptions& options_;
    const pid_t process_;
    os::Epoll set_;
    os::Eventfd closed_;
    std::timed_mutex turn_;
    Newcomers newcomers_;
    std::uint64_t next_key_;
    std::mutex last_mutex_;
    std::optional<Address> last_accepted_;
};

}  // namespace cohort::channel
