// SPDX-License-Identifier: MIT
#include "channel/network/newcomer.hpp"

#include <cohort/base/errors.hpp>

#include "os/socket.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

namespace cohort::channel {

namespace {

std::string in_words(Timeout limit) {
    using Milliseconds = std::chrono::milliseconds;
    const auto count = std::chrono::duration_cast<Milliseconds>(limit.duration().value_or(Milliseconds(0))).count();
    return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

/// Bytes as they can be shown in an error.
std::string printable(std::span<const std::byte> bytes) {
    std::string text;
    for (const std::byte each : bytes) {
        const auto letter = std::to_integer<char>(each);
        text += letter >= ' ' && letter <= '~' ? letter : '.';
    }
    return text;
}

/// Whether these are the first bytes of a handshake of TLS.
bool is_tls(std::span<const std::byte> bytes) noexcept {
    return bytes.size() >= 2 && bytes[0] == std::byte{0x16} && bytes[1] == std::byte{3};
}

}  // namespace

Newcomer::Newcomer(Wire wire, std::string peer, std::optional<Handshake> handshake, Timeout limit)
    : wire_(std::move(wire)),
      peer_(std::move(peer)),
      handshake_(std::move(handshake)),
      limit_(limit),
      deadline_(limit) {
    if (!wire_.is_tls()) begin();
}

Newcomer::~Newcomer() {
    if (!wire_) return;
    wire_.farewell();
    os::shut_down(descriptor());
}

void Newcomer::begin() {
    begun_ = true;
    if (!handshake_) return;
    reader_.begin(kLongestHandshake);
    send(handshake_->start());
}

bool Newcomer::advance() {
    if (!begun_ && secure()) begin();
    while (begun_ && handshake_ && !handshake_->done() && receive()) {
    }
    if (begun_ && (!handshake_ || handshake_->done())) return true;
    if (deadline_.passed())
        fail("within " + in_words(limit_) + " it sent " +
             (begun_ ? std::string(handshake_->awaited()) : "no whole handshake of TLS: it may not speak TLS"));
    return false;
}

// Whether TLS has begun.
bool Newcomer::secure() {
    try {
        return wire_.advance();
    } catch (const AuthenticationError& error) {
        fail(error.what());
    } catch (const std::system_error&) {
        fail_gone();
    }
}

bool Newcomer::receive() {
    std::optional<std::size_t> got;
    try {
        got = wire_.receive(reader_.room(), MSG_DONTWAIT, {});
    } catch (const AuthenticationError& error) {
        fail(error.what());
    } catch (const std::system_error&) {
        fail_gone();
    }
    if (!got) return false;
    if (*got == 0) fail_gone();
    bool whole = false;
    try {
        whole = reader_.add(*got);
    } catch (const std::exception&) {
        fail("its first bytes, \"" + printable(reader_.header()) + "\", are no message of a handshake: it " +
             (is_tls(reader_.header()) ? "speaks TLS, and this side does not"
                                       : "has no authkey, or is no peer of multiprocessing"));
    }
    if (whole) take_message();
    return true;
}

void Newcomer::take_message() {
    const auto bytes = reader_.message();
    const std::string reply = handshake_->receive({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    reader_.begin(kLongestHandshake);
    send(reply);
    if (handshake_->failed()) fail(handshake_->error());
}

// The messages of a handshake are shorter than any socket's room.
void Newcomer::send(std::string_view message) {
    if (message.empty()) return;
    const FrameHeader header(message.size());
    const auto body = std::as_bytes(std::span(message));
    std::size_t sent = 0;
    try {
        sent = wire_.send(header.bytes(), body, MSG_DONTWAIT, {});
    } catch (const std::exception&) {
        if (handshake_->failed()) return;  // that is the reason to tell
        fail_gone();
    }
    if (sent != header.bytes().size() + body.size()) fail("it does not read what is sent to it");
}

// Its other holders, forked children, have no use for it.
void Newcomer::fail(const std::string& why) {
    os::shut_down(descriptor());
    throw AuthenticationError("handshake with " + peer_ + ": " + why);
}

void Newcomer::fail_gone() {
    os::shut_down(descriptor());
    throw PeerGone("handshake with " + peer_ + ": it closed the connection within the handshake");
}

}  // namespace cohort::channel
