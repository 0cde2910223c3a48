// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/serial/detail/description.hpp>
#include <cohort/serial/detail/form.hpp>
#include <cohort/serial/detail/pointer_forms.hpp>

#include "os/mapping.hpp"

namespace cohort::serial::detail {

void fail_damaged(std::string_view raw_type_name, const char* damage) {
    std::string name = ::cohort::detail::readable_type_name(raw_type_name);
    throw SerializationError(name, "a message is damaged, in a " + name + ": " + damage);
}

void fail_sliced(const std::type_info& actual, std::string_view raw_type_name) {
    std::string name = ::cohort::detail::demangle(actual.name());
    throw SerializationError(name, "a pointer to " + ::cohort::detail::readable_type_name(raw_type_name) + " owns a " +
                                       name + ", of which only the base would be sent: send a " +
                                       "std::variant of the derived classes");
}

std::string describe_blame(const Blame& blame) {
    std::string_view cure = cure_text(blame.cure);
    cure.remove_prefix(std::string_view("cohort: ").size());
    return ::cohort::detail::readable_type_name(blame.type) + ": " + std::string(cure);
}

void expect_bulk(void* memory, std::size_t bytes) noexcept {
    os::suggest_large_pages(memory, bytes);
}

void write_long_count(Sink& sink, std::uint64_t count) {
    for (; count >= 0x80; count >>= 7) *sink.reserve(1) = static_cast<std::byte>(count | 0x80);
    *sink.reserve(1) = static_cast<std::byte>(count);
}

std::uint64_t read_long_count(Source& source) {
    std::uint64_t count = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        auto byte = std::to_integer<std::uint64_t>(*source.take(1).data());
        if (shift == 63 && byte > 1) break;
        count |= (byte & 0x7f) << shift;
        if (byte < 0x80) return count;
    }
    fail<std::uint64_t>("a number has more than 64 bits");
}

}  // namespace cohort::serial::detail
