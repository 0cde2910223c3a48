// SPDX-License-Identifier: MIT
#include "serial/object/big_integer.hpp"

#include <cohort/base/errors.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace cohort::serial {

BigInteger::BigInteger(std::int64_t value)
    : BigInteger(from_unsigned(value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value))) {
    negative_ = value < 0;
}

BigInteger BigInteger::from_unsigned(std::uint64_t value) {
    BigInteger result;
    result.limbs_ = {static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)};
    result.trim();
    return result;
}

BigInteger BigInteger::from_bytes(std::span<const std::byte> bytes) {
    BigInteger result;
    result.negative_ = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
    result.limbs_.resize((bytes.size() + 3) / 4);
    const std::uint32_t flip = result.negative_ ? 0xff : 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        result.limbs_[i / 4] |= (std::to_integer<std::uint32_t>(bytes[i]) ^ flip) << (8 * (i % 4));
    if (result.negative_) {  // the magnitude is the complement and one
        result.multiply_add(1, 1);
    }
    result.trim();
    return result;
}

BigInteger BigInteger::from_double(double value) {
    int exponent = 0;
    double fraction = std::frexp(std::fabs(value), &exponent);  // in [0.5, 1)
    auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
    BigInteger result;
    if (exponent <= 53) {
        result = from_unsigned(mantissa >> (53 - exponent));
    } else {
        auto shift = static_cast<std::size_t>(exponent - 53);
        result.limbs_.assign(shift / 32 + 3, 0);
        const auto bits = static_cast<unsigned>(shift % 32);
        auto low = static_cast<std::uint32_t>(mantissa), high = static_cast<std::uint32_t>(mantissa >> 32);
        std::uint64_t first = static_cast<std::uint64_t>(low) << bits;
        std::uint64_t second = (static_cast<std::uint64_t>(high) << bits) | (first >> 32);
        result.limbs_[shift / 32] = static_cast<std::uint32_t>(first);
        result.limbs_[shift / 32 + 1] = static_cast<std::uint32_t>(second);
        result.limbs_[shift / 32 + 2] = static_cast<std::uint32_t>(second >> 32);
        result.trim();
    }
    result.negative_ = value < 0;
    return result;
}

namespace {

void refuse_digits(std::size_t digits) {
    if (digits > BigInteger::kMaxDigits)
        throw ValueError("Exceeds the limit (" + std::to_string(BigInteger::kMaxDigits) +
                         " digits) for integer string conversion");
}

}  // namespace

std::optional<BigInteger> BigInteger::from_decimal(std::string_view text) {
    BigInteger result;
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    refuse_digits(text.size());
    for (char c : text) result.multiply_add(10, static_cast<std::uint32_t>(c - '0'));
    result.trim();
    result.negative_ = negative && !result.limbs_.empty();
    return result;
}

std::uint64_t BigInteger::low64() const noexcept {
    std::uint64_t value = limbs_.empty() ? 0 : limbs_[0];
    if (limbs_.size() > 1) value |= static_cast<std::uint64_t>(limbs_[1]) << 32;
    return value;
}

std::optional<std::int64_t> BigInteger::to_int64() const noexcept {
    if (limbs_.size() > 2) return std::nullopt;
    std::uint64_t value = low64();
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    if (value > most + (negative_ ? 1 : 0)) return std::nullopt;
    return static_cast<std::int64_t>(negative_ ? 0 - value : value);
}

std::optional<std::uint64_t> BigInteger::to_uint64() const noexcept {
    if (limbs_.size() > 2 || negative_) return std::nullopt;
    return low64();
}

std::optional<double> BigInteger::to_double() const noexcept {
    const std::size_t bits = bit_length();
    if (bits > 1024) return std::nullopt;
    if (bits <= 64) {
        auto value = static_cast<double>(low64());
        return negative_ ? -value : value;
    }
    // The highest 64 bits, the lowest of them set if any bit below is: so the rounding of the conversion is right.
    const std::size_t below = bits - 64;
    auto limb = [&](std::size_t i) -> std::uint64_t { return i < limbs_.size() ? limbs_[i] : 0; };
    const std::size_t at = below / 32;
    const auto shift = static_cast<unsigned>(below % 32);
    std::uint64_t top = (limb(at) >> shift) | (limb(at + 1) << (32 - shift));
    if (shift != 0) top |= limb(at + 2) << (64 - shift);
    bool rest = (limb(at) & ((std::uint64_t{1} << shift) - 1)) != 0;
    for (std::size_t i = 0; i < at && !rest; ++i) rest = limbs_[i] != 0;
    double value = std::ldexp(static_cast<double>(top | (rest ? 1 : 0)), static_cast<int>(below));
    if (!std::isfinite(value)) return std::nullopt;
    return negative_ ? -value : value;
}

std::vector<std::byte> BigInteger::to_bytes() const {
    std::vector<std::byte> bytes;
    std::uint32_t carry = 1;
    for (std::uint32_t limb : limbs_) {
        if (negative_) {
            limb = ~limb + carry;
            carry = carry != 0 && limb == 0 ? 1 : 0;
        }
        for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(limb >> (8 * i)));
    }
    bytes.push_back(negative_ ? std::byte{0xff} : std::byte{0});
    auto redundant = [&] {
        const std::byte sign = bytes[bytes.size() - 2] & std::byte{0x80};
        return bytes.back() == (sign == std::byte{0} ? std::byte{0} : std::byte{0xff});
    };
    while (bytes.size() > 1 && redundant()) bytes.pop_back();
    return bytes;
}

std::string BigInteger::to_decimal() const {
    refuse_digits(static_cast<std::size_t>(static_cast<double>(bit_length()) * 0.30102999));
    BigInteger rest = *this;
    std::string digits;
    while (!rest.limbs_.empty()) {
        std::uint32_t nine = rest.divide(1000000000);
        for (int i = 0; i < 9; ++i, nine /= 10) digits += static_cast<char>('0' + nine % 10);
    }
    while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
    if (digits.empty()) digits = "0";
    refuse_digits(digits.size());
    if (negative_) digits += '-';
    std::reverse(digits.begin(), digits.end());
    return digits;
}

std::size_t BigInteger::bit_length() const noexcept {
    if (limbs_.empty()) return 0;
    return 32 * limbs_.size() - static_cast<std::size_t>(std::countl_zero(limbs_.back()));
}

std::strong_ordering operator<=>(const BigInteger& left, const BigInteger& right) noexcept {
    if (left.negative_ != right.negative_)
        return left.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
    std::strong_ordering order = left.limbs_.size() <=> right.limbs_.size();
    for (std::size_t i = left.limbs_.size(); order == 0 && i-- > 0;) order = left.limbs_[i] <=> right.limbs_[i];
    if (!left.negative_) return order;
    return 0 <=> order;
}

void BigInteger::trim() noexcept {
    while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
}

void BigInteger::multiply_add(std::uint32_t factor, std::uint32_t more) {
    std::uint64_t carry = more;
    for (std::uint32_t& limb : limbs_) {
        carry += static_cast<std::uint64_t>(limb) * factor;
        limb = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    if (carry != 0) limbs_.push_back(static_cast<std::uint32_t>(carry));
}

std::uint32_t BigInteger::divide(std::uint32_t divisor) noexcept {
    std::uint64_t rest = 0;
    for (std::size_t i = limbs_.size(); i-- > 0;) {
        rest = (rest << 32) | limbs_[i];
        limbs_[i] = static_cast<std::uint32_t>(rest / divisor);
        rest %= divisor;
    }
    trim();
    return static_cast<std::uint32_t>(rest);
}

}  // namespace cohort::serial
