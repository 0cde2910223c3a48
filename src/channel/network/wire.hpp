// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include "channel/network/tls.hpp"
#include "os/socket.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace cohort::channel {

/// As os::send_stream(), through TLS if there is any.
inline std::size_t send_stream(Tls* tls, int socket, std::span<const std::byte> head, std::span<const std::byte> body,
                               int flags, std::string_view text) {
    return tls ? tls->send(head, body, flags, text) : os::send_stream(socket, head, body, flags, text);
}

/// As os::receive_stream(), through TLS if there is any.
inline std::optional<std::size_t> receive_stream(Tls* tls, int socket, std::span<std::byte> buffer, int flags,
                                                 std::string_view text) {
    return tls ? tls->receive(buffer, flags, text) : os::receive_stream(socket, buffer, flags, text);
}

/// A connected socket, and TLS on it where its address is one with TLS.
///
/// Thread safety: of a socket; TLS: see there.
class Wire {
public:
    Wire() noexcept = default;
    Wire(Descriptor socket, std::unique_ptr<Tls> tls = {}) noexcept  // NOLINT(google-explicit-constructor)
        : socket_(std::move(socket)), tls_(std::move(tls)) {}
    /// Says farewell and closes.
    ~Wire() { farewell(); }
    Wire(Wire&&) noexcept = default;
    Wire& operator=(Wire&& other) noexcept {
        std::swap(socket_, other.socket_);
        std::swap(tls_, other.tls_);
        return *this;
    }

    int get() const noexcept { return socket_.get(); }
    explicit operator bool() const noexcept { return static_cast<bool>(socket_); }
    bool is_tls() const noexcept { return tls_ != nullptr; }

    /// As Tls::advance(); true at once without TLS.
    bool advance() const { return !tls_ || tls_->advance(); }
    std::size_t send(std::span<const std::byte> head, std::span<const std::byte> body, int flags,
                     std::string_view text) const {
        return send_stream(tls_.get(), get(), head, body, flags, text);
    }
    std::optional<std::size_t> receive(std::span<std::byte> buffer, int flags, std::string_view text) const {
        return receive_stream(tls_.get(), get(), buffer, flags, text);
    }
    void farewell() const noexcept {
        if (tls_) tls_->farewell();
    }

    /// Both parts, for another owner.
    Descriptor take_socket() noexcept { return std::move(socket_); }
    std::unique_ptr<Tls> take_tls() noexcept { return std::move(tls_); }

private:
    Descriptor socket_;
    std::unique_ptr<Tls> tls_;
};

}  // namespace cohort::channel
