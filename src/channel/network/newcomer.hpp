// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include "channel/network/frame.hpp"
#include "channel/network/handshake.hpp"

#include <string>
#include <string_view>

namespace cohort::channel {

/// The peer has closed the connection before it had proved itself: it has gone, or refuses without a word.
class PeerGone : public AuthenticationError {
public:
    using AuthenticationError::AuthenticationError;
};

/// A connected socket whose handshake goes on. It never waits: a server has many of them beside its other work.
///
/// Thread safety: none. FORK: the child's copy must be forgotten.
class Newcomer {
public:
    /// Sends what the handshake begins with.
    /// @param socket  owned from now on
    /// @param peer    names the other end in errors
    /// @param limit   how long the handshake may take
    /// @throws PeerGone
    Newcomer(Descriptor socket, std::string peer, Handshake handshake, Timeout limit);

    /// Takes what the peer has sent.
    /// @returns whether the peer has proved itself
    /// @throws AuthenticationError  it was refused, or has refused, or has gone (PeerGone), or the time is up; the
    /// text says what to do. The stream is ended then
    bool advance();

    int descriptor() const noexcept { return socket_.get(); }
    const std::string& peer() const noexcept { return peer_; }
    const Deadline& deadline() const noexcept { return deadline_; }
    /// The socket of a peer that has proved itself: no byte behind the handshake was taken.
    Descriptor release() noexcept { return std::move(socket_); }

private:
    bool receive();
    void take_message();
    void send(std::string_view message);
    [[noreturn]] void fail(const std::string& why);
    [[noreturn]] void fail_gone();

    Descriptor socket_;
    std::string peer_;
    Handshake handshake_;
    FrameReader reader_;
    Timeout limit_;
    Deadline deadline_;
};

}  // namespace cohort::channel
