// SPDX-License-Identifier: MIT
#include "serial/object/numbers.hpp"

#include "serial/object/decimal.hpp"
#include "serial/object/keyed_hash.hpp"
#include "serial/object/node.hpp"

#include <charconv>
#include <cmath>
#include <optional>

namespace cohort::serial::detail {

namespace {

using Type = Object::Kind;

constexpr double kTwo63 = 9223372036854775808.0;

const BigInteger& big(const Object& object) {
    return ObjectAccess::node<IntegerNode>(object).value;
}
bool is_float(const Object& object) {
    return object.is(Type::floating);
}

Decimal decimal_of(const Object& object) {
    if (object.is(Type::decimal)) return *Decimal::parse(object.args()[0].as_str());
    if (is_float(object)) return Decimal::from_double(object.as_float());
    if (object.fits_int64()) return Decimal::from_digits(std::to_string(object.as_int()));
    return Decimal::from_digits(big(object).to_decimal());
}

// An int whose digits would take too long to find: larger than any other number but the largest of Decimals.
bool is_huge(const Object& object) {
    return object.is(Type::integer) && !object.fits_int64() && big(object).bit_length() > 3 * BigInteger::kMaxDigits;
}

std::partial_ordering compare_decimals(const Object& left, const Object& right) {
    if (is_huge(left)) return big(left).negative() ? std::partial_ordering::less : std::partial_ordering::greater;
    if (is_huge(right)) return big(right).negative() ? std::partial_ordering::greater : std::partial_ordering::less;
    return compare(decimal_of(left), decimal_of(right));
}

std::partial_ordering compare_with_double(std::int64_t left, double right) noexcept {
    if (std::isnan(right)) return std::partial_ordering::unordered;
    if (right >= kTwo63) return std::partial_ordering::less;
    if (right < -kTwo63) return std::partial_ordering::greater;
    const double whole = std::trunc(right);
    auto order = left <=> static_cast<std::int64_t>(whole);
    return order != 0 ? std::partial_ordering(order) : 0.0 <=> right - whole;
}

std::partial_ordering compare_with_double(const BigInteger& left, double right) {
    if (std::isnan(right)) return std::partial_ordering::unordered;
    if (std::isinf(right)) return 0.0 <=> right;
    return left <=> BigInteger::from_double(std::trunc(right));  // beyond 63 bits a double has no fraction
}

std::partial_ordering compare_int(const Object& left, const Object& right) {
    if (left.fits_int64() && right.fits_int64())
        return ObjectAccess::inside_int(left) <=> ObjectAccess::inside_int(right);
    if (left.fits_int64()) return big(right).negative() ? std::partial_ordering::greater : std::partial_ordering::less;
    if (right.fits_int64()) return big(left).negative() ? std::partial_ordering::less : std::partial_ordering::greater;
    return big(left) <=> big(right);
}

std::partial_ordering turned(std::partial_ordering order) noexcept {
    if (order == std::partial_ordering::less) return std::partial_ordering::greater;
    return order == std::partial_ordering::greater ? std::partial_ordering::less : order;
}

std::partial_ordering compare_int_with_double(const Object& left, double right) {
    return left.fits_int64() ? compare_with_double(ObjectAccess::inside_int(left), right)
                             : compare_with_double(big(left), right);
}

std::size_t hash_double(double value) {
    if (value >= -kTwo63 && value < kTwo63 && value == std::trunc(value))
        return keyed_hash(static_cast<std::int64_t>(value));
    if (std::isfinite(value) && value == std::trunc(value))
        return keyed_hash(BigInteger::from_double(value).to_bytes());
    return keyed_hash_of(value);
}

// A Decimal may be equal to an int or to a float.
std::size_t hash_decimal(const Object& object) {
    const Decimal number = decimal_of(object).reduced();
    const std::string text = number.text();
    if (number.form == Decimal::Form::finite && number.exponent >= 0 &&
        number.exponent + static_cast<std::int64_t>(number.digits.size()) <= 400) {
        std::string digits =
            (number.negative ? "-" : "") + number.digits + std::string(static_cast<std::size_t>(number.exponent), '0');
        return hash_number(Object::integer(digits));
    }
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (number.form == Decimal::Form::infinite) value = number.negative ? -HUGE_VAL : HUGE_VAL;
    if (number.form != Decimal::Form::nan && compare(Decimal::from_double(value), number) == 0)
        return hash_double(value);
    return keyed_hash(std::string_view(text));
}

}  // namespace

bool is_number(const Object& object) noexcept {
    return (object.kind() >= Type::boolean && object.kind() <= Type::complex) || object.is(Type::decimal);
}

std::partial_ordering compare_numbers(const Object& left, const Object& right) {
    if (left.is(Type::decimal) || right.is(Type::decimal)) return compare_decimals(left, right);
    if (is_float(left) && is_float(right)) return left.as_float() <=> right.as_float();
    if (is_float(right)) return compare_int_with_double(left, right.as_float());
    if (is_float(left)) return turned(compare_int_with_double(right, left.as_float()));
    return compare_int(left, right);
}

bool equal_numbers(const Object& left, const Object& right) {
    if (left.fits_int64() && right.fits_int64())
        return ObjectAccess::inside_int(left) == ObjectAccess::inside_int(right);
    if (!left.is(Type::complex) && !right.is(Type::complex)) return compare_numbers(left, right) == 0;
    if (left.is(Type::complex) && right.is(Type::complex)) return left.as_complex() == right.as_complex();
    const Object& other = left.is(Type::complex) ? right : left;
    const std::complex<double> value = (left.is(Type::complex) ? left : right).as_complex();
    return value.imag() == 0 && compare_numbers(other, value.real()) == 0;
}

std::size_t hash_number(const Object& object) {
    if (object.fits_int64()) return keyed_hash(ObjectAccess::inside_int(object));
    switch (object.kind()) {
        case Type::floating:
            return hash_double(object.as_float());
        case Type::complex: {
            const std::complex<double> value = object.as_complex();
            if (value.imag() == 0) return hash_double(value.real());
            return hash_double(value.real()) * 3 + hash_double(value.imag());
        }
        case Type::decimal:
            return hash_decimal(object);
        default:
            return keyed_hash(big(object).to_bytes());
    }
}

}  // namespace cohort::serial::detail
