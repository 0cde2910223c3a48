// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/none.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace cohort {

/// A value that a ShareableList can hold: Python's int (of 64 bits), float, bool, str, bytes or None.
class COHORT_API ShareableItem {
public:
    /// Python's bytes.
    using Bytes = std::vector<std::byte>;
    /// What it holds.
    using Value = std::variant<None, bool, std::int64_t, double, std::string, Bytes>;

    /// `none`.
    constexpr ShareableItem() noexcept = default;
    /// Python's None.
    ShareableItem(None) noexcept {}
    /// A bool, an integer or a floating-point number.
    /// @throws ValueError  an integer that 64 bits with a sign do not hold
    template <class Number>
    requires std::is_arithmetic_v<Number> ShareableItem(Number number) : value_(held(number)) {}
    /// A str, in UTF-8.
    ShareableItem(std::string text) noexcept : value_(std::move(text)) {}
    /// A text, copied.
    ShareableItem(std::string_view text) : value_(std::string(text)) {}
    /// A text, copied.
    ShareableItem(const char* text) : value_(std::string(text)) {}
    /// Bytes.
    ShareableItem(Bytes bytes) noexcept : value_(std::move(bytes)) {}

    /// The value, to be visited.
    const Value& value() const noexcept { return value_; }

    /// Whether it is Python's None.
    bool is_none() const noexcept { return std::holds_alternative<None>(value_); }

    /// The value as a `bool`, `std::int64_t`, `double`, `std::string`, `Bytes` or `None`: the type it has.
    /// @throws ValueError  it has another one
    template <class T>
    const T& as() const {
        if (const T* held = std::get_if<T>(&value_)) return *held;
        fail_other_type(Value(T()));
    }

    /// Python's ==: numbers and bools are equal when they stand for the same number, others when type and value are.
    friend COHORT_API bool operator==(const ShareableItem& left, const ShareableItem& right);

    /// As Python's repr: `1`, `2.5`, `'text'`, `b'\\x00'`, `True`, `None`.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const ShareableItem& item);

private:
    template <class Number>
    static Value held(Number number) {
        if constexpr (std::is_same_v<Number, bool>) {
            return number;
        } else if constexpr (std::is_floating_point_v<Number>) {
            return static_cast<double>(number);
        } else {
            if (!std::in_range<std::int64_t>(number)) fail_large_number();
            return static_cast<std::int64_t>(number);
        }
    }
    [[noreturn]] static void fail_large_number();
    [[noreturn]] void fail_other_type(const Value& wanted) const;

    Value value_;
};

}  // namespace cohort
