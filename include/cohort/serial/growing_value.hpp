// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/growing_message.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace cohort::serial {

/// A value whose bytes, as write() writes them, come in parts.
///
/// Thread safety: one thread at a time.
class COHORT_API GrowingValue {
public:
    virtual ~GrowingValue();
    GrowingValue(const GrowingValue&) = delete;
    GrowingValue& operator=(const GrowingValue&) = delete;

    /// Reads the next part, all of it. The first one has at least the number of items.
    /// @throws SerializationError  the bytes are not those of such a value
    virtual void add(Source& part) = 0;

protected:
    GrowingValue() = default;
};

/// One of items in a row, as they lie in memory.
template <class T>
requires can_grow_v<T>
class GrowingValueOf final : public GrowingValue {
    using Item = typename T::value_type;

public:
    void add(Source& part) override {
        if (!begun_) {
            missing_ = static_cast<std::size_t>(detail::read_long_count(part));
            items_ = detail::with_room<T>(missing_);
            begun_ = true;
        }
        if (!complete_item(part)) return;
        const std::size_t count = part.left() / sizeof(Item);
        append(part.take(count * sizeof(Item)).data(), count);
        begun_bytes_ = part.left();
        part.read(begun_item_, begun_bytes_);
    }

    /// How many bytes are still to come. REQUIRES: some were added.
    std::size_t left() const noexcept { return missing_ * sizeof(Item) - begun_bytes_; }

    /// The whole value.
    /// @throws SerializationError  not all of it has come
    T take() {
        if (!begun_ || missing_ != 0) detail::fail<T>("it has fewer items than it announces");
        return std::move(items_);
    }

private:
    // A part may end within an item. False: not all of that one is there yet.
    bool complete_item(Source& part) {
        if (begun_bytes_ == 0) return true;
        const std::size_t more = std::min(part.left(), sizeof(Item) - begun_bytes_);
        part.read(begun_item_ + begun_bytes_, more);
        begun_bytes_ += more;
        if (begun_bytes_ != sizeof(Item)) return false;
        append(begun_item_, 1);
        begun_bytes_ = 0;
        return true;
    }
    void append(const std::byte* bytes, std::size_t count) {
        if (count > missing_) detail::fail<T>("it has more items than it announces");
        detail::append_image(items_, bytes, count);
        missing_ -= count;
    }

    T items_{};
    std::size_t missing_ = 0;
    bool begun_ = false;
    std::size_t begun_bytes_ = 0;
    alignas(Item) std::byte begun_item_[sizeof(Item)];
};

/// Reads a value that write() wrote, and of which a part may be the source's rest.
template <class T>
requires can_grow_v<T> T read_with_rest(Source& source) {
    if (!source.rest()) return read<T>(source);
    GrowingValueOf<T> value;
    value.add(source);
    while (value.left() != 0) {
        Source part(source.rest()->next(value.left()));
        value.add(part);
    }
    return value.take();
}

}  // namespace cohort::serial
