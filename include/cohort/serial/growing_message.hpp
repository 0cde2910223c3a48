// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/codec.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace cohort::serial {

/// A message that is read by and by, while its end is still being written.
class COHORT_API GrowingMessage {
public:
    virtual ~GrowingMessage();

    /// Reads what stands in front of the items.
    /// @param message  as long as the whole message will be; only its front is there
    /// @throws SerializationError  it is of another type, or damaged, or something follows its items
    virtual void begin(Source& message) = 0;
    /// Reads bytes that follow those that were read before. They may begin and end within an item.
    virtual void append(std::span<const std::byte> bytes) = 0;
    /// Forgets what was read: it is as if begin() had not been called.
    virtual void clear() noexcept = 0;

protected:
    GrowingMessage() = default;
    GrowingMessage(const GrowingMessage&) = default;
    GrowingMessage& operator=(const GrowingMessage&) = default;
};

/// Whether messages of a T can be read by and by: items in a row, as they lie in memory, none of them large.
template <class T>
inline constexpr bool can_grow_v = false;
template <class T>
requires(detail::nature_v<T>.kind ==
         detail::Kind::block) inline constexpr bool can_grow_v<T> = detail::image_v<typename T::value_type> &&
                                                                    sizeof(typename T::value_type) <= 4096;

/// A message of a T that may be read by and by: by begin() and append(), then read(), or by read() alone.
template <class T>
class GrowingMessageOf final : public GrowingMessage {
    using Item = typename T::value_type;

public:
    void begin(Source& message) override {
        expect_message<T>(message);
        missing_ = detail::read_count<T>(message, sizeof(Item));
        if (missing_ * sizeof(Item) != message.left()) detail::fail<T>("something follows its items");
        items_ = detail::with_room<T>(missing_);
        begun_ = true;
    }
    void append(std::span<const std::byte> bytes) override {
        if (held_ != 0) bytes = bytes.subspan(hold(bytes.first(std::min(bytes.size(), sizeof(Item) - held_))));
        if (held_ == sizeof(Item)) {
            held_ = 0;
            append_items(part_);
        }
        const std::size_t whole = append_items(bytes);
        if (held_ == 0 && missing_ != 0) hold(bytes.subspan(whole));
    }
    void clear() noexcept override {
        items_ = T();
        held_ = 0;
        begun_ = false;
    }

    /// The whole value.
    /// @param rest  what was not read yet
    /// @throws as read_message()
    T read(Source& rest) {
        if (!begun_) return read_message<T>(rest);
        append(rest.take(missing_ * sizeof(Item) - held_));
        begun_ = false;
        return std::move(items_);
    }

private:
    // Those that are whole. Returns how many bytes they have.
    std::size_t append_items(std::span<const std::byte> bytes) {
        const std::size_t count = std::min(bytes.size() / sizeof(Item), missing_);
        detail::append_image(items_, bytes.data(), count);
        missing_ -= count;
        return count * sizeof(Item);
    }
    // A part of one item.
    std::size_t hold(std::span<const std::byte> bytes) {
        std::copy(bytes.begin(), bytes.end(), part_.begin() + static_cast<std::ptrdiff_t>(held_));
        held_ += bytes.size();
        return bytes.size();
    }

    T items_{};
    std::size_t missing_ = 0;
    alignas(Item) std::array<std::byte, sizeof(Item)> part_;  ///< the beginning of the next one
    std::size_t held_ = 0;                                    ///< so many bytes of it
    bool begun_ = false;
};

}  // namespace cohort::serial
