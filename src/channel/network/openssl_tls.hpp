// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/address.hpp>

#include "channel/network/tls.hpp"

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
    friend class OpenSslTls;
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

/// Tls as OpenSSL does it. A program without listeners and clients has nothing of it.
class OpenSslTls final : public Tls {
public:
    OpenSslTls(std::shared_ptr<const TlsContext> context, int socket);
    ~OpenSslTls() override;

    bool advance() override;
    std::size_t send(std::span<const std::byte> head, std::span<const std::byte> body, int flags,
                     std::string_view text) override;
    std::optional<std::size_t> receive(std::span<std::byte> buffer, int flags, std::string_view text) override;
    bool has_rest() override;
    void farewell() noexcept override;

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
