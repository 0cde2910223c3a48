// SPDX-License-Identifier: MIT
#include "serial/object/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace cohort::serial::detail {

namespace {

struct Digits {
    std::string digits{};  // the first stands before the point
    int exponent = 0;
};

Digits shortest_digits(double size) {
    std::array<char, 32> text{};
    auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), size, std::chars_format::scientific);
    std::string_view all(text.data(), static_cast<std::size_t>(end - text.data()));
    const std::size_t mark = all.find('e');
    Digits result;
    for (char c : all.substr(0, mark))
        if (c != '.') result.digits += c;
    std::string_view exponent = all.substr(mark + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), result.exponent);
    return result;
}

std::string with_exponent(const Digits& number) {
    std::array<char, 8> exponent{};
    int length = std::snprintf(exponent.data(), exponent.size(), "e%+03d", number.exponent);
    std::string text = number.digits.substr(0, 1);
    if (number.digits.size() > 1) text += "." + number.digits.substr(1);
    return text.append(exponent.data(), static_cast<std::size_t>(length));
}

std::string without_exponent(const Digits& number, bool with_point) {
    const std::string& digits = number.digits;
    if (number.exponent < 0) return "0." + std::string(static_cast<std::size_t>(-number.exponent - 1), '0') + digits;
    const auto before = static_cast<std::size_t>(number.exponent) + 1;
    if (digits.size() > before) return digits.substr(0, before) + "." + digits.substr(before);
    return digits + std::string(before - digits.size(), '0') + (with_point ? ".0" : "");
}

void append_hex(std::string& text, const char* format, std::uint32_t code) {
    std::array<char, 16> escape{};
    int length = std::snprintf(escape.data(), escape.size(), format, code);
    text.append(escape.data(), static_cast<std::size_t>(length));
}

// Python takes double quotes only where they save escapes.
char quote_for(std::string_view content) noexcept {
    return content.find('\'') != content.npos && content.find('"') == content.npos ? '"' : '\'';
}

// False if the byte stands for itself.
bool append_escape(std::string& text, unsigned char c, char quote) {
    if (c == static_cast<unsigned char>(quote) || c == '\\')
        text += {'\\', static_cast<char>(c)};
    else if (c == '\t')
        text += "\\t";
    else if (c == '\n')
        text += "\\n";
    else if (c == '\r')
        text += "\\r";
    else if (c < 0x20 || c == 0x7f)
        append_hex(text, "\\x%02x", c);
    else
        return false;
    return true;
}

void append_beyond_ascii(std::string& text, std::uint32_t code) {
    if (is_printable(code))
        append_character(text, code);
    else if (code < 0x100)
        append_hex(text, "\\x%02x", code);
    else
        append_hex(text, code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
}

}  // namespace

std::string float_text(double value, bool with_point) {
    if (std::isnan(value)) return "nan";
    const std::string sign = std::signbit(value) ? "-" : "";
    if (std::isinf(value)) return sign + "inf";
    const Digits number = shortest_digits(std::fabs(value));
    const bool plain = number.exponent >= -4 && number.exponent < 16;
    return sign + (plain ? without_exponent(number, with_point) : with_exponent(number));
}

std::uint32_t take_character(std::string_view& utf8) noexcept {
    const auto lead = static_cast<unsigned char>(utf8[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    constexpr std::array<std::uint32_t, 5> masks{0, 0x7f, 0x1f, 0x0f, 0x07};
    std::uint32_t code = lead & masks[length];
    for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (static_cast<unsigned char>(utf8[i]) & 0x3f);
    utf8.remove_prefix(length);
    return code;
}

void append_character(std::string& text, std::uint32_t code) {
    auto following = [&](unsigned shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xc0 | (code >> 6));
        following(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xe0 | (code >> 12));
        following(6);
        following(0);
    } else {
        text += static_cast<char>(0xf0 | (code >> 18));
        following(12);
        following(6);
        following(0);
    }
}

void append_quoted_str(std::string& text, std::string_view utf8) {
    const char quote = quote_for(utf8);
    text += quote;
    while (!utf8.empty()) {
        const auto lead = static_cast<unsigned char>(utf8[0]);
        if (lead >= 0x80) {
            append_beyond_ascii(text, take_character(utf8));
            continue;
        }
        if (!append_escape(text, lead, quote)) text += utf8[0];
        utf8.remove_prefix(1);
    }
    text += quote;
}

void append_quoted_bytes(std::string& text, std::string_view bytes) {
    const char quote = quote_for(bytes);
    text += 'b';
    text += quote;
    for (char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        if (byte >= 0x80)
            append_hex(text, "\\x%02x", byte);
        else if (!append_escape(text, byte, quote))
            text += each;
    }
    text += quote;
}

}  // namespace cohort::serial::detail
