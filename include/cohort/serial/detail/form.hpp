// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/detail/kind.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

// The frame in which the forms of the kinds stand.
namespace cohort::serial::detail {

/// How values of T are written and read. Each form has
/// - `Parts`: the types of the values that a T holds;
/// - `kLeast`: the fewest bytes that a T takes;
/// - `kFixed`: whether each T takes exactly kLeast bytes. Then `put(std::byte*& at, value)` and `get(const std::byte*&
///   at)` write and read them where there is room for them, else `write(sink, value)` and `read(source)` do it;
/// - `kImage`: whether these bytes are those of the object in memory, all of them valid values.
template <class T, Kind = nature_v<T>.kind>
struct Form;

template <class T>
inline constexpr bool fixed_v = Form<T>::kFixed;
template <class T>
inline constexpr bool image_v = Form<T>::kImage;
template <class T>
inline constexpr std::size_t least_v = Form<T>::kLeast;

/// What forms of varying length have in common.
struct Varying {
    static constexpr bool kFixed = false;
    static constexpr bool kImage = false;
};

/// Throws the SerializationError of a T whose bytes are damaged.
[[noreturn]] COHORT_API void fail_damaged(std::string_view raw_type_name, const char* damage);

template <class T>
[[noreturn]] void fail(const char* damage) {
    fail_damaged(::cohort::detail::raw_type_name<T>(), damage);
}

/// Appends the bytes of a value.
template <class T>
void encode(Sink& sink, const T& value) {
    if constexpr (fixed_v<T>) {
        [[maybe_unused]] std::byte* at = sink.reserve(least_v<T>);
        Form<T>::put(at, value);
    } else {
        Form<T>::write(sink, value);
    }
}

/// Reads a value.
template <class T>
T decode(Source& source) {
    if constexpr (fixed_v<T>) {
        [[maybe_unused]] const std::byte* at = source.take(least_v<T>).data();
        return Form<T>::get(at);
    } else {
        return Form<T>::read(source);
    }
}

template <class T>
concept ReadsInPlace = requires(Source& source, T& value) {
    Form<T>::read_into(source, value);
};

/// Reads a value into an object that exists.
template <class T>
void decode_into(Source& source, T& value) {
    if constexpr (ReadsInPlace<T>)
        Form<T>::read_into(source, value);
    else
        value = decode<T>(source);
}

/// Converts to the value that is read: makes it in its place, without a move.
template <class T>
struct Decoded {
    Source& source;
    operator T() const { return decode<T>(source); }  // NOLINT(google-explicit-constructor)
};

/// One level of nesting, for as long as it lives.
template <class Bytes>
class Nested {
public:
    explicit Nested(Bytes& bytes) : bytes_(bytes) { bytes.enter(); }
    ~Nested() { bytes_.leave(); }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

private:
    Bytes& bytes_;
};

/// The value as a whole, for as long as it is written or read: what its parts share ends with it. Parts that are
/// written by write() and read by read() once more belong to the whole that is under way.
template <class Bytes, class T>
class Whole {
public:
    explicit Whole(Bytes& bytes) noexcept : bytes_(bytes), outermost_(bytes.begin_value()) {}
    ~Whole() {
        if (outermost_) bytes_.end_value();
    }
    Whole(const Whole&) = delete;
    Whole& operator=(const Whole&) = delete;

private:
    Bytes& bytes_;
    bool outermost_;
};

template <class Bytes, class T>
requires fixed_v<T>
class Whole<Bytes, T> {
public:
    explicit Whole(Bytes&) noexcept {}
};

// --- Numbers of items ---

/// From so many bytes on, memory that is about to be filled is worth a word to the kernel.
inline constexpr std::size_t kBulk = std::size_t{4} << 20;
/// Says it: fewer page faults.
COHORT_API void expect_bulk(void* memory, std::size_t bytes) noexcept;

/// Appends a number in as few bytes as it needs: seven bits in each, the lowest first.
COHORT_API void write_long_count(Sink& sink, std::uint64_t count);
COHORT_API std::uint64_t read_long_count(Source& source);

inline void write_count(Sink& sink, std::uint64_t count) {
    if (count < 0x80) [[likely]]
        *sink.reserve(1) = static_cast<std::byte>(count);
    else
        write_long_count(sink, count);
}

/// Reads a number of items of T. Throws if the rest of the bytes cannot hold as many.
template <class T>
std::size_t read_count(Source& source, std::size_t least) {
    std::uint64_t count = read_long_count(source);
    if (count > source.left() / (least == 0 ? 1 : least)) [[unlikely]]
        fail<T>("more items are announced than bytes are left");
    return static_cast<std::size_t>(count);
}

/// How many items to make room for before they are read: all, unless their memory would be much larger than what is
/// left to read, as it may be for damaged bytes only.
template <class Item>
std::size_t room_for(const Source& source, std::size_t count) {
    constexpr std::size_t kMostMemoryPerByte = 32;
    std::size_t most = kMostMemoryPerByte * source.left() / sizeof(Item) + 1;
    return count < most ? count : most;
}

// --- Items of containers: each takes at least one byte, so that no count can be larger than the message. ---

template <class T>
void encode_item(Sink& sink, const T& value) {
    if constexpr (least_v<T> == 0) {
        std::size_t before = sink.size();
        encode(sink, value);
        if (sink.size() == before) *sink.reserve(1) = std::byte{0};
    } else {
        encode(sink, value);
    }
}

template <class T>
T decode_item(Source& source) {
    if constexpr (least_v<T> == 0) {
        std::size_t before = source.left();
        T value = decode<T>(source);
        if (source.left() == before) source.take(1);
        return value;
    } else {
        return decode<T>(source);
    }
}

}  // namespace cohort::serial::detail
