// SPDX-License-Identifier: MIT
#include "channel/network/frame.hpp"

#include <cohort/base/errors.hpp>

#include "os/limits.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>

namespace cohort::channel {

namespace {

constexpr std::size_t kShortHeader = 4;
constexpr std::size_t kLongHeader = 12;
constexpr std::size_t kLongestShort = 0x7fffffff;
constexpr std::uint32_t kLong = 0xffffffff;
constexpr std::size_t kLeast = 4096;

template <class Number>
void put(std::byte* to, Number number) noexcept {
    for (std::size_t i = 0; i != sizeof number; ++i)
        to[i] = static_cast<std::byte>(number >> (8 * (sizeof number - 1 - i)));
}

template <class Number>
Number get(const std::byte* from) noexcept {
    Number number = 0;
    for (std::size_t i = 0; i != sizeof number; ++i)
        number = static_cast<Number>(number << 8 | std::to_integer<Number>(from[i]));
    return number;
}

[[noreturn]] void fail_too_long(std::size_t length) {
    throw std::system_error(ENOMEM, std::system_category(),
                            "receive a message of " + std::to_string(length) + " bytes");
}

}  // namespace

FrameHeader::FrameHeader(std::size_t length) noexcept : size_(length <= kLongestShort ? kShortHeader : kLongHeader) {
    put(bytes_.data(), size_ == kShortHeader ? static_cast<std::uint32_t>(length) : kLong);
    if (size_ == kLongHeader) put(bytes_.data() + kShortHeader, std::uint64_t{length});
}

void FrameReader::begin(std::size_t maxlength) noexcept {
    maxlength_ = maxlength;
    header_size_ = kShortHeader;
    have_ = 0;
    length_ = 0;
}

std::span<std::byte> FrameReader::room() {
    if (have_ < header_size_) return std::span(header_).subspan(have_, header_size_ - have_);
    const std::size_t there = have_ - header_size_;
    if (there == capacity_) grow();
    return {memory_.get() + there, std::min(capacity_, length_) - there};
}

bool FrameReader::add(std::size_t count) {
    have_ += count;
    if (have_ < header_size_) return false;
    if (have_ == header_size_ && !read_length()) return false;
    return have_ - header_size_ == length_;
}

bool FrameReader::take(std::span<const std::byte>& bytes) {
    bool whole = false;
    while (!whole && !bytes.empty()) {
        const std::span<std::byte> place = room();
        const std::size_t count = std::min(place.size(), bytes.size());
        std::memcpy(place.data(), bytes.data(), count);
        bytes = bytes.subspan(count);
        whole = add(count);
    }
    return whole;
}

// False: the header goes on.
bool FrameReader::read_length() {
    const auto length = get<std::uint32_t>(header_.data());
    if (length == kLong && header_size_ == kShortHeader) {
        header_size_ = kLongHeader;
        return false;
    }
    const std::uint64_t whole = length == kLong ? get<std::uint64_t>(header_.data() + kShortHeader) : length;
    if (length != kLong && length > kLongestShort)
        throw SerializationError({}, "a message of negative length: the other side does not speak this protocol");
    if (whole > maxlength_) throw ValueError("bad message length");
    if (whole > kFirstStep && whole > os::physical_memory()) fail_too_long(whole);
    length_ = whole;
    return true;
}

void FrameReader::grow() {
    const std::size_t capacity = std::min(std::max(2 * capacity_, kFirstStep), std::max(length_, kLeast));
    auto* larger = static_cast<std::byte*>(std::realloc(memory_.get(), capacity));
    if (!larger) fail_too_long(length_);
    static_cast<void>(memory_.release());
    memory_.reset(larger);
    capacity_ = capacity;
}

std::shared_ptr<const void> FrameReader::take_memory() {
    if (length_ <= kShort || length_ < capacity_ / 2) return {};
    capacity_ = 0;
    return {std::move(memory_)};
}

void FrameReader::clear() noexcept {
    begin();
    if (capacity_ <= kFirstStep) return;
    memory_.reset();
    capacity_ = 0;
}

}  // namespace cohort::channel
