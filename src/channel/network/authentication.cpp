// SPDX-License-Identifier: MIT
#include <cohort/channel/authentication.hpp>

#include <cohort/base/errors.hpp>

#include "channel/network/handshake.hpp"

#include <string>

namespace cohort {

namespace {

using channel::Handshake;

void send_if_any(const Connection& connection, const std::string& message) {
    if (!message.empty()) connection.send_bytes(message);
}

void run(const Connection& connection, Handshake handshake) {
    send_if_any(connection, handshake.start());
    while (!handshake.done()) {
        const auto message = connection.recv_bytes(channel::kLongestHandshake);
        send_if_any(connection, handshake.receive({reinterpret_cast<const char*>(message.data()), message.size()}));
        if (handshake.failed()) throw AuthenticationError(handshake.error());
    }
}

}  // namespace

void deliver_challenge(const Connection& connection, std::string_view authkey, std::string_view digest_name) {
    const auto digest = channel::digest_named(digest_name);
    if (!digest) throw ValueError("unsupported hash type " + std::string(digest_name));
    run(connection, Handshake(Handshake::Side::deliver, std::string(authkey), true, *digest));
}

void answer_challenge(const Connection& connection, std::string_view authkey) {
    run(connection, Handshake(Handshake::Side::answer, std::string(authkey), true));
}

}  // namespace cohort
