// SPDX-License-Identifier: MIT
#include "shm/shareable_layout.hpp"

#include <cohort/base/errors.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace cohort::shm {

namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kFormatBytes = 8;
constexpr std::string_view kInt = "q", kFloat = "d", kBool = "xxxxxxx?", kNone = "xxxxxx?x";

enum class Code : std::uint8_t { number = 0, text = 1, bytes = 2, nothing = 3 };

[[noreturn]] void fail(const std::string& what) {
    throw SerializationError("cohort::ShareableList", "not a ShareableList: " + what);
}

/// The bytes of a str or bytes; empty for other types.
std::optional<std::span<const std::byte>> content(const ShareableItem& item) {
    if (const auto* text = std::get_if<std::string>(&item.value())) return std::as_bytes(std::span(*text));
    if (const auto* bytes = std::get_if<ShareableItem::Bytes>(&item.value())) return std::span(*bytes);
    return std::nullopt;
}

Code code_of(const ShareableItem& item) {
    if (std::holds_alternative<std::string>(item.value())) return Code::text;
    if (std::holds_alternative<ShareableItem::Bytes>(item.value())) return Code::bytes;
    return item.is_none() ? Code::nothing : Code::number;
}

std::string text_format(std::size_t bytes) {
    return std::to_string(bytes) + "s";
}

/// The format of all types but str and bytes, which depend on their slot.
std::string_view number_format(const ShareableItem& item) {
    if (std::holds_alternative<bool>(item.value())) return kBool;
    if (std::holds_alternative<double>(item.value())) return kFloat;
    return item.is_none() ? kNone : kInt;
}

/// Always longer than the content, so that a text of any length has a zero byte behind it.
std::size_t slot_bytes_for(const ShareableItem& item) {
    const auto bytes = content(item);
    return bytes ? kAlignment * (bytes->size() / kAlignment + 1) : kAlignment;
}

/// The number in `24s`.
std::optional<std::size_t> text_bytes(std::string_view format) {
    if (format.size() < 2 || format.back() != 's') return std::nullopt;
    std::size_t bytes = 0;
    const char* end = format.data() + format.size() - 1;
    const auto [stop, error] = std::from_chars(format.data(), end, bytes);
    return error == std::errc() && stop == end ? std::optional(bytes) : std::nullopt;
}

template <class Number>
Number load(std::span<const std::byte> memory, std::size_t at) {
    Number number;
    std::memcpy(&number, memory.subspan(at, sizeof number).data(), sizeof number);
    return number;
}

template <class Number>
void store(std::span<std::byte> memory, std::size_t at, Number number) {
    std::memcpy(memory.subspan(at, sizeof number).data(), &number, sizeof number);
}

/// Bytes, and zeros behind them until the room is full.
void store_padded(std::span<std::byte> room, std::span<const std::byte> bytes) {
    std::fill(std::copy(bytes.begin(), bytes.end(), room.begin()), room.end(), std::byte{0});
}

std::span<const std::byte> without_zeros(std::span<const std::byte> bytes) {
    while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
    return bytes;
}

std::string to_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ShareableItem read_number(std::span<const std::byte> slot, const std::string& format) {
    if (format == kInt) return load<std::int64_t>(slot, 0);
    if (format == kFloat) return load<double>(slot, 0);
    if (format == kBool) return slot[kBool.size() - 1] != std::byte{0};
    fail("an item of format '" + format + "'");
}

ShareableItem read_bytes(std::span<const std::byte> slot, const std::string& format, Code code) {
    const auto bytes = text_bytes(format);
    if (!bytes || *bytes > slot.size()) fail("a text of format '" + format + "'");
    const auto found = without_zeros(slot.first(*bytes));
    if (code == Code::text) return to_text(found);
    return ShareableItem::Bytes(found.begin(), found.end());
}

/// Of what the slot of one item holds, how it is kept is in `format`.
void store_value(std::span<std::byte> slot, const ShareableItem& item) {
    const auto bytes = content(item);
    if (bytes) return store_padded(slot, *bytes);
    store<std::uint64_t>(slot, 0, 0);
    if (const auto* number = std::get_if<std::int64_t>(&item.value())) store(slot, 0, *number);
    if (const auto* number = std::get_if<double>(&item.value())) store(slot, 0, *number);
    if (const auto* truth = std::get_if<bool>(&item.value())) slot[kBool.size() - 1] = std::byte{*truth};
}

}  // namespace

ShareableLayout::ShareableLayout(std::span<const ShareableItem> items) : offsets_{0} {
    for (const ShareableItem& item : items) {
        const std::size_t bytes = slot_bytes_for(item);
        if (text_format(bytes).size() > kFormatBytes)
            throw ValueError("a text or bytes of " + std::to_string(content(item)->size()) +
                             " bytes is too long for a ShareableList");
        offsets_.push_back(offsets_.back() + bytes);
    }
}

ShareableLayout ShareableLayout::read(std::span<const std::byte> memory) {
    if (memory.size() < 2 * sizeof(std::int64_t)) fail("too small");
    const auto count = load<std::int64_t>(memory, 0);
    // Each item has an offset, a slot, a format and a code: what does not fit is found before anything is added up.
    constexpr std::size_t kLeast = 3 * 8 + 1;
    if (count < 0 || static_cast<std::uint64_t>(count) > memory.size() / kLeast) fail("a wrong number of items");
    ShareableLayout layout;
    for (std::size_t index = 0; index <= static_cast<std::size_t>(count); ++index)
        layout.offsets_.push_back(load<std::uint64_t>(memory, (index + 1) * 8));
    std::uint64_t before = 0;
    if (layout.offsets_.front() != 0) fail("a wrong offset");
    for (std::size_t index = 1; index < layout.offsets_.size(); before = layout.offsets_[index++])
        if (layout.offsets_[index] > memory.size() || layout.offsets_[index] < before + kAlignment)
            fail("a wrong offset");
    if (layout.bytes() > memory.size()) fail("too small");
    return layout;
}

std::size_t ShareableLayout::bytes() const noexcept {
    return code_at(items());
}
std::size_t ShareableLayout::slot(std::size_t index) const noexcept {
    return data_start() + static_cast<std::size_t>(offsets_[index]);
}
std::size_t ShareableLayout::slot_bytes(std::size_t index) const noexcept {
    return slot(index + 1) - slot(index);
}
std::size_t ShareableLayout::format_at(std::size_t index) const noexcept {
    return slot(items()) + index * kFormatBytes;
}
std::size_t ShareableLayout::code_at(std::size_t index) const noexcept {
    return format_at(items()) + index;
}

void ShareableLayout::write_all(std::span<std::byte> memory, std::span<const ShareableItem> items) const {
    store(memory, 0, static_cast<std::int64_t>(items.size()));
    for (std::size_t index = 0; index < offsets_.size(); ++index) store(memory, (index + 1) * 8, offsets_[index]);
    for (std::size_t index = 0; index < items.size(); ++index)
        put(memory, index,
            content(items[index]) ? text_format(slot_bytes(index)) : std::string(number_format(items[index])),
            items[index]);
}

ShareableItem ShareableLayout::get(std::span<const std::byte> memory, std::size_t index) const {
    const auto place = memory.subspan(slot(index), slot_bytes(index));
    const std::string found = format(memory, index);
    const auto code = static_cast<Code>(load<std::uint8_t>(memory, code_at(index)));
    switch (code) {
        case Code::number:
            return read_number(place, found);
        case Code::text:
        case Code::bytes:
            return read_bytes(place, found, code);
        case Code::nothing:
            return none;
    }
    fail("an item of an unknown kind");
}

void ShareableLayout::set(std::span<std::byte> memory, std::size_t index, const ShareableItem& item) const {
    const auto bytes = content(item);
    if (!bytes) return put(memory, index, std::string(number_format(item)), item);
    // A slot that holds a text keeps its format; another one becomes a text as long as the slot.
    const std::string found = format(memory, index);
    const auto room = text_bytes(found).value_or(slot_bytes(index));
    if (bytes->size() > std::min(room, slot_bytes(index))) throw ValueError("bytes/str item exceeds available storage");
    put(memory, index, text_format(room), item);
}

std::string ShareableLayout::format(std::span<const std::byte> memory, std::size_t index) const {
    return to_text(without_zeros(memory.subspan(format_at(index), kFormatBytes)));
}

void ShareableLayout::put(std::span<std::byte> memory, std::size_t index, const std::string& format,
                          const ShareableItem& item) const {
    store_padded(memory.subspan(format_at(index), kFormatBytes), std::as_bytes(std::span(format)));
    store(memory, code_at(index), code_of(item));
    store_value(memory.subspan(slot(index), slot_bytes(index)), item);
}

}  // namespace cohort::shm
