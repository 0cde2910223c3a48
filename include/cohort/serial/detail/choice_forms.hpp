// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/form.hpp>

// A value that may be absent, or one of several: which it is, then the value.
namespace cohort::serial::detail {

template <class T>
struct Form<T, Kind::optional> : Varying {
    using Part = std::remove_const_t<typename T::value_type>;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& value) {
        encode(sink, value.has_value());
        if (value.has_value()) encode(sink, *value);
    }
    static T read(Source& source) {
        if (!decode<bool>(source)) return T();
        return T(std::in_place, decode<Part>(source));
    }
};

template <class T>
struct Alternatives;
template <template <class...> class Variant, class... Ts>
struct Alternatives<Variant<Ts...>> {
    using type = TypeList<std::remove_const_t<Ts>...>;
};

template <class T>
struct Form<T, Kind::variant> : Varying {
    using Parts = typename Alternatives<T>::type;
    static constexpr std::size_t kLeast = 1;

    static void write(Sink& sink, const T& value) {
        if (value.valueless_by_exception()) fail<T>("a variant without a value cannot be sent");
        write_count(sink, value.index());
        write_alternative(sink, value, std::make_index_sequence<Parts::size>());
    }
    static T read(Source& source) {
        std::uint64_t index = read_long_count(source);
        if (index >= Parts::size) fail<T>("the variant has no such alternative");
        return read_alternative<0>(source, index, Parts());
    }

private:
    template <std::size_t... I>
    static void write_alternative(Sink& sink, const T& value, std::index_sequence<I...>) {
        static_cast<void>(((value.index() == I && (encode(sink, get<I>(value)), true)) || ...));
    }
    template <std::size_t I, class First, class... Rest>
    static T read_alternative(Source& source, std::uint64_t index, TypeList<First, Rest...>) {
        if constexpr (sizeof...(Rest) != 0)
            if (index != I) return read_alternative<I + 1>(source, index, TypeList<Rest...>());
        return T(std::in_place_index<I>, decode<First>(source));
    }
};

template <class T>
struct Form<T, Kind::atomic> : Varying {
    using Part = typename T::value_type;
    using Parts = TypeList<Part>;
    static constexpr std::size_t kLeast = least_v<Part>;
    static constexpr bool kFixed = fixed_v<Part>;

    static void put(std::byte*& at, const T& value) { Form<Part>::put(at, value.load()); }
    static T get(const std::byte*& at) { return T(Form<Part>::get(at)); }
    static void write(Sink& sink, const T& value) { encode(sink, value.load()); }
    static T read(Source& source) { return T(decode<Part>(source)); }
    static void read_into(Source& source, T& value) { value.store(decode<Part>(source)); }
};

}  // namespace cohort::serial::detail
