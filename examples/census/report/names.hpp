// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// The names of files are bytes that need not be UTF-8, and may hold line ends and control characters.
namespace census {

/// The length in bytes of the UTF-8 character that `text` begins with (RFC 3629: no overlong forms, no surrogates);
/// 0 if it begins with none.
std::size_t utf8_length(std::string_view text) noexcept;

/// A name for people: what is not UTF-8 and control characters are written \xNN, a backslash twice. So a name takes
/// one line and cannot steer the terminal.
std::string readable(std::string_view name);

/// Two lower-case hexadecimal digits for each byte.
std::string hex(std::span<const std::uint8_t> bytes);

}  // namespace census
