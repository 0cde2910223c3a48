// SPDX-License-Identifier: MIT
// A peer without the key that sends arbitrary messages, or sends back what it got, cut and joined with its own: nobody
// lets it in. The first byte chooses the side; each message has its length before it, 255 for what was sent last.
#include "allocations.hpp"
#include "channel/network/handshake.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace {

using cohort::channel::Handshake;

constexpr Handshake::Side kSides[] = {Handshake::Side::listener, Handshake::Side::client, Handshake::Side::deliver};

std::string next_message(std::string_view& bytes, const std::string& sent) {
    const auto length = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (length == 255) return sent;
    std::string message(bytes.substr(0, length));
    bytes.remove_prefix(message.size());
    // A prefix of CPython's, so that what follows it is reached.
    if (message.starts_with('C')) message.replace(0, 1, "#CHALLENGE#");
    if (message == "W") message = "#WELCOME#";
    if (message.starts_with('A') && sent.size() > 11) message.replace(0, 1, sent.substr(11));
    return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    Handshake handshake(kSides[data[0] % 3], "a key that nobody guesses", data[0] % 2 == 0);
    std::string sent = handshake.start();
    while (!bytes.empty() && !handshake.failed()) {
        std::string reply = handshake.receive(next_message(bytes, sent));
        fuzz::require(!handshake.done());
        if (!reply.empty()) sent = std::move(reply);
    }
    return 0;
}
