// SPDX-License-Identifier: MIT
#include <cohort/serial/object_instance.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cohort {

namespace {

enum class Number : std::uint8_t { natural, integer, floating };

struct Format {
    Number number;
    std::size_t size;
    bool big_endian = false;
};

// What a typecode stands for on the machines that cohort runs on.
std::optional<Format> format_of_typecode(const Object& typecode) {
    if (!typecode.is(Object::Kind::str) || typecode.as_str().size() != 1) return {};
    constexpr std::string_view kCodes = "bBhHiIlLqQfd";
    constexpr std::array<std::size_t, 12> kSizes{1, 1, 2, 2, 4, 4, 8, 8, 8, 8, 4, 8};
    const auto at = kCodes.find(typecode.as_str()[0]);
    if (at == std::string_view::npos) return {};
    const Number number = at >= 10 ? Number::floating : at % 2 == 0 ? Number::integer : Number::natural;
    return Format{number, kSizes[at], std::endian::native == std::endian::big};
}

// The codes of CPython's array module for the formats of machines.
std::optional<Format> format_of_machine(const Object& code) {
    if (!code.is(Object::Kind::integer) || code < Object(0) || Object(17) < code) return {};
    const auto number = static_cast<std::size_t>(code.as_int());
    if (number < 2) return Format{number == 0 ? Number::natural : Number::integer, 1};
    const bool big_endian = number % 2 != 0;
    if (number >= 14) return Format{Number::floating, number < 16 ? std::size_t{4} : std::size_t{8}, big_endian};
    const std::size_t pair = (number - 2) / 2;  // 16 bits without and with sign, 32, 64
    return Format{pair % 2 == 0 ? Number::natural : Number::integer, std::size_t{2} << pair / 2, big_endian};
}

Object number_at(const std::byte* bytes, const Format& format) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < format.size; ++i)
        bits = bits << 8 | std::to_integer<std::uint64_t>(bytes[format.big_endian ? i : format.size - 1 - i]);
    if (format.number == Number::natural) return Object(bits);
    if (format.number == Number::floating)
        return format.size == 8 ? Object(std::bit_cast<double>(bits))
                                : Object(double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))});
    const auto unused = static_cast<unsigned>(64 - 8 * format.size);
    return Object(static_cast<std::int64_t>(bits << unused) >> unused);
}

std::optional<std::vector<Object>> numbers_in(const Object& content, const std::optional<Format>& format) {
    if (!format || !content.is(Object::Kind::bytes) || content.as_bytes().size() % format->size != 0) return {};
    std::vector<Object> numbers;
    numbers.reserve(content.as_bytes().size() / format->size);
    for (std::size_t at = 0; at < content.as_bytes().size(); at += format->size)
        numbers.push_back(number_at(content.as_bytes().data() + at, *format));
    return numbers;
}

}  // namespace

// As `array.array(typecode, list or bytes)` or `array._array_reconstructor(class, typecode, machine's format, bytes)`.
std::optional<std::vector<Object>> array_elements(const Object& object) {
    if (!object.is(Object::Kind::instance)) return {};
    const ObjectInstance& parts = object.as_instance();
    if (!parts.callable.is(Object::Kind::global) || parts.callable.as_global().module != "array") return {};
    const std::string_view function = parts.callable.as_global().qualname;
    const std::span<const Object> args = parts.args.as_sequence();
    if (function == "_array_reconstructor" && args.size() == 4) return numbers_in(args[3], format_of_machine(args[2]));
    if (function != "array" || args.empty()) return {};
    if (args.size() == 1) return std::vector<Object>();
    if (args[1].is(Object::Kind::list)) return std::vector<Object>(args[1].begin(), args[1].end());
    return numbers_in(args[1], format_of_typecode(args[0]));
}

}  // namespace cohort
