// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/form.hpp>

#include <memory>
#include <tuple>

// Values side by side: arrays, tuples and plain aggregates. One after the other, and nothing else.
namespace cohort::serial::detail {

/// What a sequence of parts has in common.
template <class... Ts>
struct Product {
    using Parts = TypeList<Ts...>;
    static constexpr std::size_t kLeast = (std::size_t{0} + ... + least_v<Ts>);
    static constexpr bool kFixed = (fixed_v<Ts> && ...);

    static void put_all(std::byte*& at, const Ts&... values) { (Form<Ts>::put(at, values), ...); }
    static void write_all(Sink& sink, const Ts&... values) { (encode(sink, values), ...); }
};

/// What arrays have in common; `Array` is a std::array or an array of the language.
template <class Array, class T, std::size_t N>
struct ArrayForm {
    using Parts = TypeList<T>;
    static constexpr std::size_t kLeast = N * least_v<T>;
    static constexpr bool kFixed = N == 0 || fixed_v<T>;
    static constexpr bool kImage = N != 0 && image_v<T> && sizeof(Array) == kLeast;

    static void put([[maybe_unused]] std::byte*& at, const Array& values) {
        if constexpr (kImage) {
            std::memcpy(at, &values, kLeast);
            at += kLeast;
        } else {
            for (const T& value : values) Form<T>::put(at, value);
        }
    }
    static void write(Sink& sink, const Array& values) {
        for (const T& value : values) encode(sink, value);
    }
    static void get_into([[maybe_unused]] const std::byte*& at, Array& values) {
        if constexpr (kImage) {
            std::memcpy(&values, at, kLeast);
            at += kLeast;
        } else {
            for (T& value : values) get_one(at, value);
        }
    }
    static void read_into(Source& source, Array& values) {
        if constexpr (kFixed) {
            const std::byte* at = source.take(kLeast).data();
            get_into(at, values);
        } else {
            for (T& value : values) decode_into(source, value);
        }
    }

    /// Reads into a part that exists, where there is room for it.
    template <class Part>
    static void get_one(const std::byte*& at, Part& value) {
        if constexpr (std::is_array_v<Part>)
            Form<Part>::get_into(at, value);
        else
            value = Form<Part>::get(at);
    }
};

template <class T, std::size_t N>
struct Form<T[N], Kind::array> : ArrayForm<T[N], T, N> {};

template <class T, std::size_t N>
struct Form<std::array<T, N>, Kind::array> : ArrayForm<std::array<T, N>, T, N> {
    using Array = std::array<T, N>;
    using Base = ArrayForm<Array, T, N>;

    static Array get([[maybe_unused]] const std::byte*& at) {
        if constexpr (kFillable) {
            Array values{};
            Base::get_into(at, values);
            return values;
        } else {
            return make([&](std::size_t) { return Form<T>::get(at); }, std::make_index_sequence<N>());
        }
    }
    static Array read(Source& source) {
        if constexpr (kFillable) {
            Array values{};
            Base::read_into(source, values);
            return values;
        } else {
            return make([&](std::size_t) { return decode<T>(source); }, std::make_index_sequence<N>());
        }
    }

private:
    // Else it must be made of its elements, all at once.
    static constexpr bool kFillable = std::is_default_constructible_v<T> && std::is_move_assignable_v<T>;

    template <class Next, std::size_t... I>
    static Array make(Next next, std::index_sequence<I...>) {
        return Array{{next(I)...}};
    }
};

template <class T>
struct TupleParts;
template <class... Ts>
struct TupleParts<std::tuple<Ts...>> {
    using type = Product<std::remove_const_t<Ts>...>;
};
template <class A, class B>
struct TupleParts<std::pair<A, B>> {
    using type = Product<std::remove_const_t<A>, std::remove_const_t<B>>;
};

template <class T>
struct Form<T, Kind::tuple> : TupleParts<T>::type {
    using Base = typename TupleParts<T>::type;
    static constexpr bool kImage = false;

    static void put(std::byte*& at, const T& values) {
        std::apply([&](const auto&... each) { Base::put_all(at, each...); }, values);
    }
    static void write(Sink& sink, const T& values) {
        std::apply([&](const auto&... each) { Base::write_all(sink, each...); }, values);
    }
    static T get(const std::byte*& at) { return get_parts(at, typename Base::Parts()); }
    static T read(Source& source) { return read_parts(source, typename Base::Parts()); }

private:
    // Braces, so that the parts are read in their order.
    template <class... Ts>
    static T get_parts([[maybe_unused]] const std::byte*& at, TypeList<Ts...>) {
        return T{Form<Ts>::get(at)...};
    }
    template <class... Ts>
    static T read_parts([[maybe_unused]] Source& source, TypeList<Ts...>) {
        return T{decode<Ts>(source)...};
    }
};

template <class T>
struct FieldParts;
template <class... Ts>
struct FieldParts<TypeList<Ts...>> {
    using type = Product<std::remove_const_t<Ts>...>;
    static constexpr std::size_t kMemory = (std::size_t{0} + ... + sizeof(Ts));
    static constexpr bool kImages = (image_v<std::remove_const_t<Ts>> && ...);
};

template <class T>
struct Form<T, Kind::aggregate> : FieldParts<DeclaredFields<T>>::type {
    using Fields = FieldParts<DeclaredFields<T>>;
    using Base = typename Fields::type;
    static constexpr bool kImage = Fields::kImages && Fields::kMemory == sizeof(T) && std::is_trivially_copyable_v<T>;

    static void put(std::byte*& at, const T& value) {
        if constexpr (kImage) {
            std::memcpy(at, &value, sizeof(T));
            at += sizeof(T);
        } else {
            visit_fields(value, [&](const auto&... fields) { Base::put_all(at, fields...); });
        }
    }
    static void write(Sink& sink, const T& value) {
        visit_fields(value, [&](const auto&... fields) { Base::write_all(sink, fields...); });
    }

    static T get(const std::byte*& at) {
        if constexpr (kHasArrays) {
            T value{};
            visit_fields(value, [&](auto&... fields) { (get_field(at, fields), ...); });
            return value;
        } else {
            return get_parts(at, typename Base::Parts());
        }
    }
    static T read(Source& source) {
        if constexpr (kHasArrays) {
            T value{};
            visit_fields(value, [&](auto&... fields) { (decode_into(source, fields), ...); });
            return value;
        } else {
            return read_parts(source, typename Base::Parts());
        }
    }

private:
    static constexpr bool kHasArrays = has_arrays<DeclaredFields<T>>;

    template <class Field>
    static void get_field(const std::byte*& at, Field& field) {
        if constexpr (std::is_array_v<Field>)
            Form<Field>::get_into(at, field);
        else
            field = Form<Field>::get(at);
    }
    template <class... Ts>
    static T get_parts(const std::byte*& at, TypeList<Ts...>) {
        return T{Form<Ts>::get(at)...};
    }
    template <class... Ts>
    static T read_parts(Source& source, TypeList<Ts...>) {
        return T{decode<Ts>(source)...};
    }
};

}  // namespace cohort::serial::detail
