// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace cohort::detail {

/// The bytes of a text.
inline std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// The bytes of one object in memory.
template <class T>
requires(std::is_trivially_copyable_v<T> &&
         !std::is_convertible_v<const T&, std::string_view>) std::span<const std::byte> bytes_of(const T& object)
noexcept {
    return std::as_bytes(std::span(&object, 1));
}

/// The bytes of one object in memory, to be filled.
template <class T>
requires std::is_trivially_copyable_v<T> std::span<std::byte> writable_bytes_of(T& object)
noexcept {
    return std::as_writable_bytes(std::span(&object, 1));
}

/// Bytes seen as text.
inline std::string_view text_of(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// `00ff` for two bytes.
inline std::string hex(std::span<const std::byte> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (std::byte byte : bytes) {
        auto value = std::to_integer<unsigned>(byte);
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

}  // namespace cohort::detail
