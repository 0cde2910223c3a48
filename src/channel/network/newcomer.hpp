// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/timeout.hpp>

#include "channel/network/frame.hpp"
#include "channel/network/handshake.hpp"
#include "channel/network/wire.hpp"

#include <optional>
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
    /// Sends what the handshake begins with, unless TLS comes first.
    /// @param wire       owned from now on
    /// @param peer       names the other end in errors
    /// @param handshake  none: that of TLS only
    /// @param limit      how long all may take
    /// @throws PeerGone
    Newcomer(Wire wire, std::string peer, std::optional<Handshake> handshake, Timeout limit);
    /// Ends the stream, unless it was released: forked children may have copies of the descriptor.
    ~Newcomer();
    Newcomer(Newcomer&&) = default;
    Newcomer& operator=(Newcomer&&) = delete;

    /// Takes what the peer has sent.
    /// @returns whether the peer has proved itself
    /// @throws AuthenticationError  it was refused, or has refused, or has gone (PeerGone), or the time is up; the
    /// text says what to do. The stream is ended then
    bool advance();

    int descriptor() const noexcept { return wire_.get(); }
    const std::string& peer() const noexcept { return peer_; }
    const Deadline& deadline() const noexcept { return deadline_; }
    /// That of a peer that has proved itself: no byte behind the handshake was taken.
    Wire release() noexcept { return std::move(wire_); }

private:
    bool secure();
    void begin();
    bool receive();
    void take_message();
    void send(std::string_view message);
    [[noreturn]] void fail(const std::string& why);
    [[noreturn]] void fail_gone();

    Wire wire_;
    std::string peer_;
    std::optional<Handshake> handshake_;
    bool begun_ = false;
    FrameReader reader_;
    Timeout limit_;
    Deadline deadline_;
};

}  // namespace cohort::channel
