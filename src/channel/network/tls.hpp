// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace cohort::channel {

/// TLS 1.3 on a connected socket, which stays the caller's.
///
/// Each call of send() begins a record. So what is received in whole frames ends with a record: nothing is left inside
/// that poll() would not see, unless the peer is none of cohort's; has_rest() tells.
///
/// Thread safety: one thread may send while another receives.
/// FORK: for the process that made it alone. Two with one state would encrypt different bytes in the same way, which
/// tells both to whom listens: the child's copy throws ValueError.
class Tls {
public:
    Tls() = default;
    virtual ~Tls() = default;
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;

    /// Takes the next steps of the handshake, without waiting.
    /// @returns whether it is done: each side knows who the other is, as far as it asked
    /// @throws AuthenticationError  the peer is refused, or has refused, or speaks something else; the text says which
    /// @throws std::system_error    it has gone
    virtual bool advance() = 0;

    /// As os::send_stream(), but without waiting what was begun must be sent before anything else.
    /// @throws AuthenticationError  the peer has refused this side after its own part of the handshake
    virtual std::size_t send(std::span<const std::byte> head, std::span<const std::byte> body, int flags,
                             std::string_view text) = 0;
    /// As os::receive_stream(); 0 when the peer has said that it closes.
    /// @throws std::system_error  ECONNRESET: the stream ended otherwise, by a death or by somebody on the way
    virtual std::optional<std::size_t> receive(std::span<std::byte> buffer, int flags, std::string_view text) = 0;
    /// Whether bytes of a record are left.
    virtual bool has_rest() = 0;

    /// Tells the peer that nothing more comes, if this is the process that may.
    virtual void farewell() noexcept = 0;
};

}  // namespace cohort::channel
