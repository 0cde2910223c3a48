// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cohort::serial::detail {

/// A decimal.Decimal: exact, of any length.
struct Decimal {
    enum class Form : std::uint8_t { finite, infinite, nan };

    Form form = Form::finite;
    bool negative = false;
    std::string digits{};  // of the number that is multiplied, without leading zeros but for "0"; of a NaN its payload
    std::int64_t exponent = 0;
    bool signaling = false;

    /// Nothing if Python's Decimal() would not take the text.
    static std::optional<Decimal> parse(std::string_view text);
    static Decimal from_digits(std::string_view decimal_integer);
    static Decimal from_double(double value);
    /// As Python's str().
    std::string text() const;
    /// The same number with as few digits as it has.
    Decimal reduced() const;
    bool is_zero() const noexcept { return form == Form::finite && digits == "0"; }
};

/// Of numbers; unordered if one is a NaN.
std::partial_ordering compare(const Decimal& left, const Decimal& right) noexcept;

}  // namespace cohort::serial::detail
