// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// How Python writes the values that are not containers.
namespace cohort::serial::detail {

/// The shortest text that reads back as the same number: `1.0`, `1e+16`, `inf`.
/// @param with_point  whether a whole number gets `.0`
std::string float_text(double value, bool with_point = true);
/// With quotes and escapes.
void append_quoted_str(std::string& text, std::string_view utf8);
void append_quoted_bytes(std::string& text, std::string_view bytes);

/// Takes the first character off a text. REQUIRES: it is UTF-8, with surrogates, and not empty.
std::uint32_t take_character(std::string_view& utf8) noexcept;
/// Appends a character, also a surrogate.
void append_character(std::string& text, std::uint32_t code);
/// Whether Python's repr() shows the character itself. REQUIRES: it is not of ASCII.
bool is_printable(std::uint32_t code) noexcept;

}  // namespace cohort::serial::detail
