// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace bench {

/// How every message begins.
struct Stamp {
    std::uint32_t producer = 0;
    std::uint32_t last = 0;      ///< 1: this consumer has had everything
    std::uint64_t sequence = 0;  ///< counts from 1 in each producer
};

/// A message of fixed size.
template <std::size_t kBytes>
struct MessageOf {
    static_assert(kBytes > sizeof(Stamp) && kBytes % sizeof(std::uint64_t) == 0);
    std::uint64_t words[kBytes / sizeof(std::uint64_t)];
};

template <std::size_t kBytes>
std::span<std::byte, kBytes> bytes_of(MessageOf<kBytes>& message) noexcept {
    return std::as_writable_bytes(std::span(message.words));
}
inline std::span<std::byte> bytes_of(std::vector<std::byte>& message) noexcept {
    return message;
}

/// A word at the end of each of these, and of the message, is checked: to look at all of a large message would be most
/// of the work.
inline constexpr std::size_t kCheckedPart = 4096;

/// Calls `use` with the place of each check word until it says false.
template <class Use>
bool for_each_check(std::size_t bytes, Use use) noexcept {
    if (bytes < sizeof(Stamp)) return true;  // never; gcc 12 warns of it
    for (std::size_t end = std::min(kCheckedPart, bytes);; end = std::min(end + kCheckedPart, bytes)) {
        if (!use(end - sizeof(std::uint64_t))) return false;
        if (end == bytes) return true;
    }
}

/// Makes a message what this stamp says.
template <class Message>
void write_stamp(Message& message, const Stamp& stamp) noexcept {
    const auto bytes = bytes_of(message);
    const std::uint64_t check = stamp.sequence ^ stamp.producer;
    std::memcpy(bytes.data(), &stamp, sizeof stamp);
    for_each_check(bytes.size(), [&](std::size_t at) {
        std::memcpy(bytes.data() + at, &check, sizeof check);
        return true;
    });
}

template <class Message>
Stamp read_stamp(Message& message) noexcept {
    Stamp stamp;
    std::memcpy(&stamp, bytes_of(message).data(), sizeof stamp);
    return stamp;
}

/// Whether a message is all of one piece.
template <class Message>
bool is_whole(Message& message, const Stamp& stamp) noexcept {
    const auto bytes = bytes_of(message);
    return for_each_check(bytes.size(), [&](std::size_t at) {
        std::uint64_t check;
        std::memcpy(&check, bytes.data() + at, sizeof check);
        return check == (stamp.sequence ^ stamp.producer);
    });
}

}  // namespace bench
