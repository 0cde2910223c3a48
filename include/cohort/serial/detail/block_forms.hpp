// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/form.hpp>

// Items one after the other in memory, a number of them in front: std::vector and strings.
namespace cohort::serial::detail {

/// Appends `count` items that lie in `bytes` as they do in memory.
template <class Container>
void append_image(Container& items, const std::byte* bytes, std::size_t count) {
    using Item = typename Container::value_type;
    if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(Item) == 0) {
        // memcpy has made these objects: the writer's, or the one that brought the message here.
        const Item* first = reinterpret_cast<const Item*>(static_cast<const void*>(bytes));
        items.insert(items.end(), first, first + count);
        return;
    }
    // By way of a small aligned block: cheaper than filling the container with zeros first.
    constexpr std::size_t kStep = sizeof(Item) < 4096 ? 4096 / sizeof(Item) : 1;
    alignas(Item) std::byte step[kStep * sizeof(Item)];
    for (std::size_t size; count != 0; bytes += size * sizeof(Item), count -= size) {
        size = count < kStep ? count : kStep;
        std::memcpy(step, bytes, size * sizeof(Item));
        const Item* first = reinterpret_cast<const Item*>(static_cast<const void*>(step));
        items.insert(items.end(), first, first + size);
    }
}

/// An empty container with room for `count` items.
template <class T>
T with_room(std::size_t count) {
    constexpr std::size_t kSize = sizeof(typename T::value_type);
    T items;
    items.reserve(count);
    if (count >= kBulk / kSize) expect_bulk(items.data(), count * kSize);
    return items;
}

template <class T>
struct Form<T, Kind::block> : Varying {
    using Part = typename T::value_type;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& items) {
        write_count(sink, items.size());
        if constexpr (image_v<Part>) {
            sink.write(items.data(), items.size() * sizeof(Part));
        } else if constexpr (fixed_v<Part> && least_v<Part> != 0) {
            std::byte* at = sink.reserve(items.size() * least_v<Part>);
            for (const Part& item : items) Form<Part>::put(at, item);
        } else {
            Nested<Sink> nested(sink);
            for (const Part& item : items) encode_item(sink, item);
        }
    }

    static T read(Source& source) {
        std::size_t count = read_count<T>(source, least_v<Part>);
        T items;
        if constexpr (image_v<Part>) {
            items = with_room<T>(count);
            append_image(items, source.take(count * sizeof(Part)).data(), count);
        } else if constexpr (fixed_v<Part> && least_v<Part> != 0) {
            items.reserve(count);
            const std::byte* at = source.take(count * least_v<Part>).data();
            for (; count != 0; --count) items.push_back(Form<Part>::get(at));
        } else {
            Nested<Source> nested(source);
            items.reserve(room_for<Part>(source, count));
            for (; count != 0; --count) items.push_back(decode_item<Part>(source));
        }
        return items;
    }
};

/// Appends bits, eight in a byte, the first one lowest.
template <class Bit>
void write_bits(Sink& sink, std::size_t count, Bit bit) {
    std::byte* at = sink.reserve((count + 7) / 8);
    for (std::size_t i = 0; i < count; i += 8) {
        unsigned byte = 0;
        for (std::size_t k = 0; k < 8 && i + k < count; ++k) byte |= static_cast<unsigned>(bit(i + k)) << k;
        *at++ = static_cast<std::byte>(byte);
    }
}

/// Gives each bit to `set(index, value)`.
template <class Set>
void read_bits(Source& source, std::size_t count, Set set) {
    std::span<const std::byte> bytes = source.take((count + 7) / 8);
    for (std::size_t i = 0; i < count; ++i) set(i, (std::to_integer<unsigned>(bytes[i / 8]) >> (i % 8) & 1u) != 0);
}

template <class T>
struct Form<T, Kind::bits> : Varying {
    using Parts = TypeList<bool>;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& bits) {
        write_count(sink, bits.size());
        write_bits(sink, bits.size(), [&](std::size_t i) { return bool{bits[i]}; });
    }
    static T read(Source& source) {
        std::uint64_t count = read_long_count(source);
        if (count / 8 > source.left()) fail<T>("more items are announced than bytes are left");
        T bits(static_cast<std::size_t>(count));
        read_bits(source, bits.size(), [&](std::size_t i, bool value) { bits[i] = value; });
        return bits;
    }
};

template <class T>
struct Form<T, Kind::bitset> : Varying {
    using Parts = TypeList<>;
    static constexpr std::size_t kBits = T().size();
    static constexpr std::size_t kLeast = (kBits + 7) / 8;

    static void write(Sink& sink, const T& bits) {
        write_bits(sink, kBits, [&](std::size_t i) { return bits[i]; });
    }
    static T read(Source& source) {
        T bits;
        read_bits(source, kBits, [&](std::size_t i, bool value) { bits[i] = value; });
        return bits;
    }
};

template <class T>
struct Form<T, Kind::path> : Varying {
    using Part = typename T::string_type;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& path) { encode(sink, path.native()); }
    static T read(Source& source) { return T(decode<Part>(source)); }
};

}  // namespace cohort::serial::detail
