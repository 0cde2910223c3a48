// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/form.hpp>

#include <bit>
#include <limits>
#include <type_traits>

// Values of fixed length: as they lie in memory, without padding, in the byte order of the machine.
namespace cohort::serial::detail {

/// The bytes of a number that count: a long double of the x87 has ten in sixteen.
template <class T>
inline constexpr std::size_t kNumberSize = std::is_same_v<T, long double>&& std::numeric_limits<T>::digits == 64
                                               ? 10
                                               : sizeof(T);

/// Whether T is an enumeration over bool, which has two valid bytes.
template <class T, bool = std::is_enum_v<T>>
inline constexpr bool kBooleanEnum = false;
template <class T>
inline constexpr bool kBooleanEnum<T, true> = std::is_same_v<std::underlying_type_t<T>, bool>;

template <class T>
struct Form<T, Kind::number> {
    using Parts = TypeList<>;
    static constexpr std::size_t kLeast = kNumberSize<T>;
    static constexpr bool kFixed = true;
    static constexpr bool kImage = kLeast == sizeof(T) && !kBooleanEnum<T>;

    static void put(std::byte*& at, const T& value) {
        std::memcpy(at, &value, kLeast);
        at += kLeast;
    }
    static T get(const std::byte*& at) {
        if constexpr (kBooleanEnum<T>)
            if (std::to_integer<unsigned>(*at) > 1) fail<T>("the value is neither true nor false");
        T value{};
        std::memcpy(&value, at, kLeast);
        at += kLeast;
        return value;
    }
};

template <class T>
struct Form<T, Kind::boolean> {
    using Parts = TypeList<>;
    static constexpr std::size_t kLeast = 1;
    static constexpr bool kFixed = true;
    static constexpr bool kImage = false;

    static void put(std::byte*& at, bool value) { *at++ = static_cast<std::byte>(value); }
    static bool get(const std::byte*& at) {
        auto value = std::to_integer<unsigned>(*at++);
        if (value > 1) fail<bool>("the value is neither true nor false");
        return value == 1;
    }
};

template <class T>
struct Form<T, Kind::nothing> {
    using Parts = TypeList<>;
    static constexpr std::size_t kLeast = 0;
    static constexpr bool kFixed = true;
    static constexpr bool kImage = false;

    static void put(std::byte*&, const T&) {}
    static T get(const std::byte*&) {
        if constexpr (std::is_default_constructible_v<T>)
            return T{};
        else
            return std::bit_cast<T>(std::byte{});  // std::nullopt_t
    }
};

template <class T>
struct Form<T, Kind::opaque> : Form<T, Kind::number> {};

template <class T>
struct Form<T, Kind::complex> {
    using Part = typename T::value_type;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = 2 * least_v<Part>;
    static constexpr bool kFixed = true;
    static constexpr bool kImage = image_v<Part>;

    static void put(std::byte*& at, const T& value) {
        Form<Part>::put(at, value.real());
        Form<Part>::put(at, value.imag());
    }
    static T get(const std::byte*& at) {
        Part real = Form<Part>::get(at);
        return T(real, Form<Part>::get(at));
    }
};

template <class T>
struct Form<T, Kind::duration> {
    using Part = typename T::rep;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = least_v<Part>;
    static constexpr bool kFixed = fixed_v<Part>;
    static constexpr bool kImage = image_v<Part> && sizeof(T) == sizeof(Part);
    static_assert(kFixed, "cohort: a duration must count in a number");

    static void put(std::byte*& at, const T& value) { Form<Part>::put(at, value.count()); }
    static T get(const std::byte*& at) { return T(Form<Part>::get(at)); }
};

template <class T>
struct Form<T, Kind::time_point> {
    using Part = typename T::duration;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = least_v<Part>;
    static constexpr bool kFixed = true;
    static constexpr bool kImage = image_v<Part> && sizeof(T) == sizeof(Part);

    static void put(std::byte*& at, const T& value) { Form<Part>::put(at, value.time_since_epoch()); }
    static T get(const std::byte*& at) { return T(Form<Part>::get(at)); }
};

}  // namespace cohort::serial::detail
