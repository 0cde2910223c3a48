// SPDX-License-Identifier: MIT
#include <cohort/shm/shareable_item.hpp>

#include <cohort/base/errors.hpp>

#include "base/text_repr.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <ostream>

namespace cohort {

using detail::AboveAscii;
using detail::text_repr;

namespace {

const char* python_type(const ShareableItem::Value& value) {
    static constexpr std::array kNames{"None", "bool", "int", "float", "str", "bytes"};
    return kNames.at(value.index());
}

/// A bool or an int.
std::optional<std::int64_t> integer(const ShareableItem::Value& value) noexcept {
    if (const bool* truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    return std::nullopt;
}

/// Exact, as Python's: not by a conversion that rounds.
bool same_number(std::int64_t whole, double number) noexcept {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    return number >= -kTwoTo63 && number < kTwoTo63 && std::trunc(number) == number &&
           static_cast<std::int64_t>(number) == whole;
}

void print_float(std::ostream& out, double number) {
    std::array<char, 32> text;
    const char* end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    const std::string_view shown(text.data(), static_cast<std::size_t>(end - text.data()));
    out << shown;
    if (std::isfinite(number) && shown.find_first_of(".e") == std::string_view::npos) out << ".0";
}

struct Printer {
    std::ostream& out;
    void operator()(None) const { out << "None"; }
    void operator()(bool truth) const { out << (truth ? "True" : "False"); }
    void operator()(std::int64_t number) const { out << std::to_string(number); }
    void operator()(double number) const { print_float(out, number); }
    void operator()(const std::string& text) const { out << text_repr(text); }
    void operator()(const ShareableItem::Bytes& bytes) const {
        out << 'b' << text_repr({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, AboveAscii::escaped);
    }
};

}  // namespace

void ShareableItem::fail_large_number() {
    throw ValueError("an item of a ShareableList is an int of at most 64 bits");
}

void ShareableItem::fail_other_type(const Value& wanted) const {
    throw ValueError(std::string("the item is of type ") + python_type(value_) + ", not " + python_type(wanted));
}

bool operator==(const ShareableItem& left, const ShareableItem& right) {
    const auto left_whole = integer(left.value_), right_whole = integer(right.value_);
    if (left_whole && right_whole) return *left_whole == *right_whole;
    if (left_whole)
        if (const double* number = std::get_if<double>(&right.value_)) return same_number(*left_whole, *number);
    if (right_whole)
        if (const double* number = std::get_if<double>(&left.value_)) return same_number(*right_whole, *number);
    return left.value_ == right.value_;
}

std::ostream& operator<<(std::ostream& out, const ShareableItem& item) {
    std::visit(Printer{out}, item.value_);
    return out;
}

}  // namespace cohort
