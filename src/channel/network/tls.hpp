// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/address.hpp>

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct bio_method_st;
struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

namespace cohort::channel {

/// A certificate, and whom to trust: loaded once, for the connections of a Listener or for one of a Client.
///
/// Thread safety: safe. FORK: the child's copy is its own.
class TlsContext {
public:
    enum class Side { listener, client };

    /// @throws ValueError, std::system_error  a file cannot be read or used, naming it; a listener has no certificate;
    /// a client has no host to look for in the listener's
    TlsContext(Side side, const Address& address);

    Side side() const noexcept { return side_; }

private:
    friend class Tls;
    struct Free {
        void operator()(ssl_ctx_st* context) const noexcept;
        void operator()(bio_method_st* method) const noexcept;
    };

    void use_certificate(const TlsOptions& options);
    void trust(const TlsOptions& options);

    const Side side_;
    const std::string host_;
    std::unique_ptr<bio_method_st, Free> method_;
    std::unique_ptr<ssl_ctx_st, Free> context_;
};

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
    Tls(std::shared_ptr<const TlsContext> context, int socket);
    ~Tls();
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;

    /// Takes the next steps of the handshake, without waiting.
    /// @returns whether it is done: each side knows who the other is, as far as it asked
    /// @throws AuthenticationError  the peer is refused, or has refused, or speaks something else; the text says which
    /// @throws std::system_error    it has gone
    bool advance();

    /// As os::send_stream(), but without waiting what was begun must be sent before anything else.
    /// @throws AuthenticationError  the peer has refused this side after its own part of the handshake
    std::size_t send(std::span<const std::byte> head, std::span<const std::byte> body, int flags,
                     std::string_view text);
    /// As os::receive_stream(); 0 when the peer has said that it closes.
    /// @throws std::system_error  ECONNRESET: the stream ended otherwise, by a death or by somebody on the way
    std::optional<std::size_t> receive(std::span<std::byte> buffer, int flags, std::string_view text);
    /// Whether bytes of a record are left.
    bool has_rest();

    /// Tells the peer that nothing more comes, if this is the process that may.
    void farewell() noexcept;

private:
    friend class TlsContext;
    enum class Wants { nothing, to_read, to_write };
    struct Free {
        void operator()(ssl_st* session) const noexcept;
    };
    struct Transport;  // what carries the records

    void require_own_process() const;
    void wait_for(Wants wants) const;
    Wants wants_after(int result, std::string_view text);
    [[noreturn]] void fail(std::string_view text) const;
    std::string reason() const;

    const std::shared_ptr<const TlsContext> context_;
    const int socket_;
    const pid_t owner_;
    int error_ = 0;       // of the last call for the socket
    bool ended_ = false;  // the socket has
    bool farewell_said_ = false;
    std::mutex mutex_;
    std::unique_ptr<ssl_st, Free> session_;
};

}  // namespace cohort::channel
