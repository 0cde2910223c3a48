// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace cohort::serial::detail {

/// SipHash-1-3, as Python's own dicts use it, with a key that this process drew at random: nobody who does not know the
/// key can choose values that collide.
std::size_t keyed_hash(std::span<const std::byte> bytes) noexcept;
/// The same for eight bytes.
std::size_t keyed_hash(std::int64_t value) noexcept;

inline std::size_t keyed_hash(std::string_view text) noexcept {
    return keyed_hash(cohort::detail::bytes_of(text));
}

template <class T>
std::size_t keyed_hash_of(const T& value) noexcept {
    return keyed_hash(cohort::detail::bytes_of(value));
}

}  // namespace cohort::serial::detail
