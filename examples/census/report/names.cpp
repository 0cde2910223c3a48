// SPDX-License-Identifier: MIT
#include "report/names.hpp"

#include <algorithm>

namespace census {

namespace {

// How long a character is, and what its second byte may be, by its first byte.
struct Form {
    std::uint8_t first_from, first_to, second_from, second_to;
    std::uint8_t length;
};
constexpr Form kForms[] = {
    {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool is_between(char c, std::uint8_t from, std::uint8_t to) noexcept {
    const auto byte = static_cast<std::uint8_t>(c);
    return from <= byte && byte <= to;
}

bool has_form(std::string_view text, const Form& form) noexcept {
    if (text.size() < form.length || !is_between(text[0], form.first_from, form.first_to)) return false;
    if (form.length == 1) return true;
    return is_between(text[1], form.second_from, form.second_to) &&
           std::ranges::all_of(text.substr(2, form.length - 2u), [](char c) { return is_between(c, 0x80, 0xbf); });
}

bool is_control(std::string_view character) noexcept {
    const auto byte = static_cast<std::uint8_t>(character[0]);
    if (character.size() == 2) return byte == 0xc2 && static_cast<std::uint8_t>(character[1]) < 0xa0;  // C1
    return character.size() == 1 && (byte < 0x20 || byte == 0x7f);
}

std::string escaped(std::string_view character) {
    std::string text;
    for (const char c : character) {
        const auto byte = static_cast<std::uint8_t>(c);
        text += "\\x" + hex({&byte, 1});
    }
    return text;
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
    for (const Form& form : kForms)
        if (has_form(text, form)) return form.length;
    return 0;
}

std::string readable(std::string_view name) {
    std::string text;
    while (!name.empty()) {
        const std::size_t length = utf8_length(name);
        const std::string_view character = name.substr(0, std::max<std::size_t>(1, length));
        if (length == 0 || is_control(character))
            text += escaped(character);
        else if (character == "\\")
            text += "\\\\";
        else
            text += character;
        name.remove_prefix(character.size());
    }
    return text;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

}  // namespace census
