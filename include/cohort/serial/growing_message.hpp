// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/codec.hpp>

#include <algorithm>
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
    /// @throws SerializationError  it is of another type, or damaged
    virtual void begin(Source& message) = 0;
    /// Reads the items that are whole in `bytes`, which follow those that were read before.
    /// @returns how many bytes they take
    virtual std::size_t append(std::span<const std::byte> bytes) = 0;
    /// Forgets what was read: it is as if begin() had not been called.
    virtual void clear() noexcept = 0;

protected:
    GrowingMessage() = default;
    GrowingMessage(const GrowingMessage&) = default;
    GrowingMessage& operator=(const GrowingMessage&) = default;
};

/// Whether messages of a T can be read by and by: items in a row, as they lie in memory.
template <class T>
inline constexpr bool can_grow_v = false;
template <class T>
requires(detail::nature_v<T>.kind ==
         detail::Kind::block) inline constexpr bool can_grow_v<T> = detail::image_v<typename T::value_type>;

/// A message of a T that may be read by and by: by begin() and append(), then read(), or by read() alone.
template <class T>
class GrowingMessageOf final : public GrowingMessage {
    using Item = typename T::value_type;

public:
    void begin(Source& message) override {
        expect_message<T>(message);
        missing_ = detail::read_count<T>(message, sizeof(Item));
        items_ = detail::with_room<T>(missing_);
        begun_ = true;
    }
    std::size_t append(std::span<const std::byte> bytes) override {
        const std::size_t count = std::min(bytes.size() / sizeof(Item), missing_);
        detail::append_image(items_, bytes.data(), count);
        missing_ -= count;
        return count * sizeof(Item);
    }
    void clear() noexcept override {
        items_ = T();
        begun_ = false;
    }

    /// The whole value.
    /// @param rest  what was not read yet
    /// @throws as read_message()
    T read(Source& rest) {
        if (!begun_) return read_message<T>(rest);
        append(rest.take(missing_ * sizeof(Item)));
        begun_ = false;
        return std::move(items_);
    }

private:
    T items_{};
    std::size_t missing_ = 0;
    bool begun_ = false;
};

}  // namespace cohort::serial
