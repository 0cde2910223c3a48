// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::serial {

/// An integer of any size, for those that 64 bits do not hold. Never used for arithmetic beyond what conversions need.
class BigInteger {
public:
    /// As Python's default: texts of numbers with more digits are refused, since the time grows with their square.
    static constexpr std::size_t kMaxDigits = 4300;

    BigInteger() = default;
    explicit BigInteger(std::int64_t value);
    static BigInteger from_unsigned(std::uint64_t value);
    /// Two's complement, the lowest byte first, as in pickles.
    static BigInteger from_bytes(std::span<const std::byte> bytes);
    /// REQUIRES: finite and integral.
    static BigInteger from_double(double value);
    /// Digits with an optional sign; nothing if it is something else. @throws ValueError  more than kMaxDigits
    static std::optional<BigInteger> from_decimal(std::string_view text);

    bool negative() const noexcept { return negative_; }
    std::optional<std::int64_t> to_int64() const noexcept;
    std::optional<std::uint64_t> to_uint64() const noexcept;
    /// The nearest double, half to even; nothing if it is beyond all.
    std::optional<double> to_double() const noexcept;
    /// As few bytes as hold the number and its sign.
    std::vector<std::byte> to_bytes() const;
    /// @throws ValueError  more than kMaxDigits
    std::string to_decimal() const;
    std::size_t bit_length() const noexcept;

    friend bool operator==(const BigInteger&, const BigInteger&) = default;
    friend std::strong_ordering operator<=>(const BigInteger& left, const BigInteger& right) noexcept;

private:
    void trim() noexcept;
    void multiply_add(std::uint32_t factor, std::uint32_t more);
    std::uint32_t divide(std::uint32_t divisor) noexcept;
    std::uint64_t low64() const noexcept;

    bool negative_ = false;
    std::vector<std::uint32_t> limbs_{};  // of the magnitude, the lowest first, the highest not zero
};

}  // namespace cohort::serial
