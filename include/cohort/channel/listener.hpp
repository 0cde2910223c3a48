// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/channel/address.hpp>
#include <cohort/channel/connection.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace cohort {

/// The keyword arguments of a Listener. Their order is API (designated initializers).
struct ListenerOptions {
    Address address{};                     ///< none: a new name in the abstract namespace
    int backlog = 128;                     ///< how many connections may wait to be accepted
    std::optional<std::string> authkey{};  ///< what peers must have; an empty one is a key; none: no handshake
    bool allow_md5 = true;                 ///< false: no client of Python before 3.12, which knows HMAC-MD5 only
    Timeout handshake_timeout = std::chrono::seconds(20);  ///< for a peer to prove that it has the key
    bool allow_unauthenticated = false;  ///< true: no key, or an empty one, will do where other machines can connect
};

/// Waits for connections at an address (multiprocessing.connection.Listener), from Client() or Python's.
///
/// Peers prove that they have the key, and are shown that this side has it, while accept() waits: one that is slow, or
/// never does it, holds up no other. Up to 512 may be at it, and as many as a quarter of the descriptors that this
/// process may have (RLIMIT_NOFILE); then the one that began first is dropped, as also when no descriptors are left.
///
/// Without a key whoever can reach the address is let in, as in Python: at a name in the abstract namespace, which is
/// also what a Listener without an address has, every user of the machine; at a path those whom its permissions let in.
///
/// Thread safety: safe; of several threads in accept() one waits for peers, the others for their turn. A close() ends
/// the waiting with ValueError.
/// FORK: the child's copy listens at the same address, and can accept, too; it does not remove the path when it closes.
/// Peers within a handshake are those of the process that accepted them.
/// DEATH: the path stays; the next Listener there replaces it.
class COHORT_API Listener {
public:
    /// Listens: peers can connect from now on.
    /// A path whose socket nobody has any more is replaced.
    /// @throws std::system_error  EADDRINUSE: somebody listens there, or the path is another file's; naming the address
    /// @throws ValueError  other machines could connect, and there is no key: see `.allow_unauthenticated`
    explicit Listener(const ListenerOptions& options = {});
    /// Closes.
    ~Listener();
    Listener(Listener&& other) noexcept;
    Listener& operator=(Listener&& other) noexcept;

    /// The next connection, whose peer has proved itself if there is a key.
    /// @throws TimeoutError         the time is up
    /// @throws AuthenticationError  a peer was refused, or has refused: it has another key, or none within
    /// `.handshake_timeout`, or is something else; the text says which. The others are not concerned: call again
    /// @throws ValueError           closed
    /// @throws std::system_error    EMFILE: no descriptors are left, and no newcomer can be dropped
    Connection accept(Timeout timeout = forever);

    /// Where it listens, with the real port.
    /// @throws ValueError  closed
    Address address() const;
    /// The peer of the last accept() in this process: its host and port; of a unix socket an Address that is none,
    /// unless the client had bound its own. Empty before the first.
    std::optional<Address> last_accepted() const;

    /// A descriptor to wait for, also in wait(): readable when accept() has something to do; a peer that has connected
    /// but not yet proved itself counts, so follow with accept(timeout).
    /// @throws ValueError  closed
    int fileno() const;

    /// Listens no more; the path of a unix address is removed if it still is this listener's. Again: does nothing.
    /// Connections that were accepted stay.
    void close() noexcept;
    /// Whether close() was called.
    bool closed() const noexcept;

private:
    class State;
    State& open() const;

    std::unique_ptr<State> state_;
};

}  // namespace cohort
