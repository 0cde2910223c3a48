// SPDX-License-Identifier: MIT
#include "base/text_repr.hpp"

namespace cohort::detail {

namespace {

std::string hexadecimal(unsigned char byte) {
    static constexpr char kDigits[] = "0123456789abcdef";
    return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

std::string escaped(char letter, AboveAscii above_ascii) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '\n') return "\\n";
    if (letter == '\r') return "\\r";
    if (letter == '\t') return "\\t";
    if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && above_ascii == AboveAscii::escaped)) return hexadecimal(byte);
    return {letter};
}

}  // namespace

std::string text_repr(std::string_view text, AboveAscii above_ascii) {
    const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
    std::string result(1, quote);
    for (const char letter : text) {
        if (letter == quote || letter == '\\') result += '\\';
        result += escaped(letter, above_ascii);
    }
    return result + quote;
}

}  // namespace cohort::detail
