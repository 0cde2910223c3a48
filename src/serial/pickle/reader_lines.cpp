// SPDX-License-Identifier: MIT
#include "serial/object/node.hpp"
#include "serial/object/text.hpp"
#include "serial/pickle/reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

// The operations of protocol 0, whose arguments are lines of text.
namespace cohort::pickle {

using serial::detail::ObjectAccess;

namespace {

// The number that so many hexadecimal digits at the front stand for; nothing if they are none.
std::optional<std::uint32_t> hex_number(std::string_view text, std::size_t digits) {
    std::uint32_t value = 0;
    if (text.size() < digits) return std::nullopt;
    auto [end, error] = std::from_chars(text.data(), text.data() + digits, value, 16);
    if (error != std::errc() || end != text.data() + digits) return std::nullopt;
    return value;
}

struct Escape {
    char letter;
    char meaning;
};

constexpr Escape kEscapes[] = {{'\\', '\\'}, {'\'', '\''}, {'"', '"'},  {'a', '\a'}, {'b', '\b'},
                               {'f', '\f'},  {'n', '\n'},  {'r', '\r'}, {'t', '\t'}, {'v', '\v'}};

bool is_octal(char c) noexcept {
    return c >= '0' && c <= '7';
}

// Takes the character behind a backslash off the text, as repr() of Python 2 writes it; false if it is none.
bool take_escape(std::string_view& text, std::string& into) {
    if (text.empty()) return false;
    for (const Escape& each : kEscapes) {
        if (text[0] != each.letter) continue;
        into += each.meaning;
        text.remove_prefix(1);
        return true;
    }
    if (text[0] == 'x') {
        auto value = hex_number(text.substr(1), 2);
        if (!value) return false;
        into += static_cast<char>(*value);
        text.remove_prefix(3);
        return true;
    }
    if (!is_octal(text[0])) return false;
    unsigned value = 0;
    for (int i = 0; i < 3 && !text.empty() && is_octal(text[0]); ++i, text.remove_prefix(1))
        value = value * 8 + static_cast<unsigned>(text[0] - '0');
    into += static_cast<char>(value);
    return true;
}

}  // namespace

std::uint64_t Reader::index_line() {
    std::string_view line = take_line();
    std::uint64_t index = 0;
    auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), index);
    if (error != std::errc() || end != line.data() + line.size()) fail("there is no such number");
    return index;
}

void Reader::integer_line() {
    std::string_view line = take_line();
    if (line == "00" || line == "01") return push(line == "01");
    auto value = serial::BigInteger::from_decimal(line);
    if (!value) fail("there is no such int");
    push(ObjectAccess::make_integer(std::move(*value)));
}

void Reader::long_line() {
    std::string_view line = take_line();
    if (line.ends_with('L')) line.remove_suffix(1);
    auto value = serial::BigInteger::from_decimal(line);
    if (!value) fail("there is no such int");
    push(ObjectAccess::make_integer(std::move(*value)));
}

void Reader::float_line() {
    std::string_view line = take_line();
    if (line.starts_with('+')) line.remove_prefix(1);
    double value = 0;
    auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error == std::errc::result_out_of_range && end == line.data() + line.size()) {
        // Python takes such a text for infinite or zero.
        const bool tiny = line.find("e-") != line.npos || line.find("E-") != line.npos;
        value = tiny ? 0.0 : std::numeric_limits<double>::infinity();
        if (line.starts_with('-')) value = -value;
    } else if (error != std::errc() || end != line.data() + line.size()) {
        fail("there is no such float");
    }
    push(value);
}

void Reader::string_line() {
    std::string_view line = take_line();
    if (line.size() < 2 || (line[0] != '\'' && line[0] != '"') || line.back() != line[0])
        fail("a string has no quotes");
    line = line.substr(1, line.size() - 2);
    std::string text;
    while (!line.empty()) {
        const char c = line[0];
        line.remove_prefix(1);
        if (c != '\\')
            text += c;
        else if (!take_escape(line, text))
            fail("there is no such escape");
    }
    ascii(text);
}

// Latin-1 with \u and \U for all other characters.
void Reader::unicode_line() {
    std::string_view line = take_line();
    std::string text;
    while (!line.empty()) {
        const std::size_t digits = line.starts_with("\\u") ? 4 : line.starts_with("\\U") ? 8 : 0;
        std::uint32_t code = static_cast<unsigned char>(line[0]);
        if (digits != 0) {
            auto value = hex_number(line.substr(2), digits);
            if (!value || *value > 0x10ffff) fail("there is no such character");
            code = *value;
            line.remove_prefix(2 + digits);
        } else {
            line.remove_prefix(1);
        }
        serial::detail::append_character(text, code);
    }
    push(ObjectAccess::make_str(text));
}

}  // namespace cohort::pickle
