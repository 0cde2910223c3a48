// SPDX-License-Identifier: MIT
#include "serial/object/decimal.hpp"

#include "serial/object/node.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace cohort::serial::detail {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// Takes a word off the front, in any case of its letters.
bool take_word(std::string_view& text, std::string_view lower) noexcept {
    if (text.size() < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i)
        if ((text[i] | 0x20) != lower[i]) return false;
    text.remove_prefix(lower.size());
    return true;
}

std::string_view take_digits(std::string_view& text) noexcept {
    auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
}

std::string without_leading_zeros(std::string digits) {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

// What follows the sign of a special value; true if it was one.
bool parse_special(std::string_view text, Decimal& result) {
    if (take_word(text, "infinity") || take_word(text, "inf")) {
        result.form = Decimal::Form::infinite;
        return text.empty();
    }
    result.signaling = take_word(text, "snan");
    if (!result.signaling && !take_word(text, "nan")) return false;
    result.form = Decimal::Form::nan;
    result.digits = without_leading_zeros(std::string(take_digits(text)));
    return text.empty();
}

bool parse_exponent(std::string_view text, std::int64_t& exponent) noexcept {
    if (text.empty()) return true;
    if ((text[0] | 0x20) != 'e') return false;
    text.remove_prefix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 19 || text.starts_with("+")) return false;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    // Python's own bounds: sums of two stay far from those of the type.
    constexpr std::int64_t kMostExponent = 999'999'999'999'999'999;
    if (exponent < -kMostExponent || exponent > kMostExponent) return false;
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    Decimal result;
    result.negative = text.starts_with('-');
    if (result.negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    if (!is_digit(text[0]) && text[0] != '.') {
        if (!parse_special(text, result)) return std::nullopt;
        return result;
    }
    std::string digits(take_digits(text));
    std::size_t places = 0;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        std::string_view behind = take_digits(text);
        digits += behind;
        places = behind.size();
    }
    if (digits.empty() || !parse_exponent(text, result.exponent)) return std::nullopt;
    result.exponent -= static_cast<std::int64_t>(places);
    result.digits = without_leading_zeros(std::move(digits));
    if (result.digits.empty()) result.digits = "0";
    return result;
}

Decimal Decimal::from_digits(std::string_view decimal_integer) {
    return *parse(decimal_integer);
}

Decimal Decimal::from_double(double value) {
    if (std::isnan(value)) return *parse("NaN");
    if (std::isinf(value)) return *parse(value < 0 ? "-Infinity" : "Infinity");
    std::array<char, 800> text{};  // no double has more than 767 digits
    int length = std::snprintf(text.data(), text.size(), "%.766e", value);
    return parse({text.data(), static_cast<std::size_t>(length)})->reduced();
}

std::string Decimal::text() const {
    std::string text = negative ? "-" : "";
    if (form == Form::infinite) return text + "Infinity";
    if (form == Form::nan) return text + (signaling ? "sNaN" : "NaN") + digits;
    const auto count = static_cast<std::int64_t>(digits.size());
    const std::int64_t left = exponent + count;
    // Without an exponent where the number has no zeros of its own to be written.
    const std::int64_t dot = exponent <= 0 && left > -6 ? left : 1;
    if (dot <= 0)
        text += "0." + std::string(static_cast<std::size_t>(-dot), '0') + digits;
    else if (dot >= count)
        text += digits + std::string(static_cast<std::size_t>(dot - count), '0');
    else
        text += digits.substr(0, static_cast<std::size_t>(dot)) + "." + digits.substr(static_cast<std::size_t>(dot));
    if (left == dot) return text;
    const std::int64_t shown = left - dot;
    return text + (shown < 0 ? "E" : "E+") + std::to_string(shown);
}

Decimal Decimal::reduced() const {
    Decimal result = *this;
    if (form != Form::finite) return result;
    while (result.digits.size() > 1 && result.digits.back() == '0') {
        result.digits.pop_back();
        ++result.exponent;
    }
    if (result.digits == "0") result.exponent = 0;
    return result;
}

namespace {

// Of the magnitudes of numbers that are not zero.
std::strong_ordering compare_sizes(const Decimal& left, const Decimal& right) noexcept {
    auto order = left.exponent + static_cast<std::int64_t>(left.digits.size()) <=>
                 right.exponent + static_cast<std::int64_t>(right.digits.size());
    if (order != 0) return order;
    const std::size_t longest = std::max(left.digits.size(), right.digits.size());
    auto digit = [](const Decimal& of, std::size_t i) { return i < of.digits.size() ? of.digits[i] : '0'; };
    for (std::size_t i = 0; i < longest; ++i)
        if (digit(left, i) != digit(right, i)) return digit(left, i) <=> digit(right, i);
    return std::strong_ordering::equal;
}

int sign_of(const Decimal& number) noexcept {
    if (number.is_zero()) return 0;
    return number.negative ? -1 : 1;
}

}  // namespace

std::partial_ordering compare(const Decimal& left, const Decimal& right) noexcept {
    if (left.form == Decimal::Form::nan || right.form == Decimal::Form::nan) return std::partial_ordering::unordered;
    if (sign_of(left) != sign_of(right) || sign_of(left) == 0) return sign_of(left) <=> sign_of(right);
    std::partial_ordering size = std::partial_ordering::equivalent;
    if (left.form != right.form)
        size = left.form == Decimal::Form::infinite ? std::partial_ordering::greater : std::partial_ordering::less;
    else if (left.form == Decimal::Form::finite)
        size = compare_sizes(left, right);
    if (!left.negative) return size;
    return size == std::partial_ordering::less      ? std::partial_ordering::greater
           : size == std::partial_ordering::greater ? std::partial_ordering::less
                                                    : size;
}

}  // namespace cohort::serial::detail

namespace cohort {

Object Object::decimal(std::string_view text) {
    auto value = serial::detail::Decimal::parse(text);
    if (!value) throw ValueError("there is no Decimal " + Object(text).repr());
    ObjectInstance parts;
    parts.callable = global("decimal", "Decimal");
    parts.args = tuple({value->text()});
    return instance(std::move(parts));
}

}  // namespace cohort
