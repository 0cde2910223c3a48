// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/serial/detail/kind.hpp>
#include <cohort/serial/detail/object_value.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <variant>

// Values of C++ to Objects and back, by the codec's kinds of types.
namespace cohort::serial {

/// An Object travels between cohort's processes too, as its pickle.
template <>
struct COHORT_API Codec<Object> {
    static void write(Sink& sink, const Object& object);
    /// Throws SerializationError if the bytes are no pickle.
    static Object read(Source& source);
};

}  // namespace cohort::serial

namespace cohort::serial::detail {

/// Where in a value a part stands: for errors.
struct ObjectPlace {
    enum class Part { element, key, value };
    const ObjectPlace* outer = nullptr;
    Part part = Part::element;
    std::size_t index = 0;        // of an element
    const Object* key = nullptr;  // of an item
};

/// Throws SerializationError: `element 3: str is no int`.
[[noreturn]] COHORT_API void fail_object_type(const ObjectPlace* place, const Object& found, const std::string& wanted);
/// Throws ValueError: `element 3: 300 does not fit in unsigned char`.
[[noreturn]] COHORT_API void fail_object_range(const ObjectPlace* place, const Object& found,
                                               const std::string& wanted);
/// Throws SerializationError: `element 3: list of 2 elements, not 3`.
[[noreturn]] COHORT_API void fail_object_count(const ObjectPlace* place, const Object& found, std::size_t wanted);

/// The int of a bool or an int; false if it is neither or does not fit.
COHORT_API bool object_to_int64(const Object& object, std::int64_t& value) noexcept;
COHORT_API bool object_to_uint64(const Object& object, std::uint64_t& value) noexcept;
/// The days and the microseconds of a day of a timedelta, or of a datetime with a timezone since 1970 in UTC.
COHORT_API bool object_to_timedelta(const Object& object, std::int64_t& days, std::int64_t& microseconds);
COHORT_API bool object_to_utc(const Object& object, std::int64_t& days, std::int64_t& microseconds);

COHORT_API Object make_object_dict(std::vector<std::pair<Object, Object>> items);
COHORT_API void for_each_object_item(const Object& dict,
                                     ::cohort::detail::FunctionRef<void(const Object&, const Object&)> visit);

template <class T>
inline constexpr bool is_text_v = false;
template <class Traits, class Allocator>
inline constexpr bool is_text_v<std::basic_string<char, Traits, Allocator>> = true;
template <>
inline constexpr bool is_text_v<std::string_view> = true;

/// Of a literal, whose text ends with its zero.
template <class T>
inline constexpr bool is_char_array_v =
    std::is_array_v<T>&& std::is_same_v<std::remove_cv_t<std::remove_extent_t<T>>, char>;

template <class T>
inline constexpr bool is_byte_block_v = false;
template <class Allocator>
inline constexpr bool is_byte_block_v<std::vector<std::byte, Allocator>> = true;

template <class T>
concept MapLike = requires {
    typename T::mapped_type;
};
/// Whether a set or map holds a key once.
template <class T>
concept OnceKeyed = requires(T& container, typename T::value_type&& value) {
    container.insert(std::move(value)).second;
};

template <class T>
Object make_object(const T& value);
template <class T>
T take_object(const Object& object, const ObjectPlace* place);

template <class T>
std::string wanted_name() {
    return ::cohort::detail::type_name<T>();
}

// --- To Python. ---

template <class T>
Object make_number_object(const T& value) {
    if constexpr (std::is_enum_v<T>)
        return make_object(static_cast<std::underlying_type_t<T>>(value));
    else if constexpr (std::is_same_v<T, char>)
        return Object(std::string_view(&value, 1));
    else if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>)
        return Object(value);
    else
        return Object(static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value));
}

template <class T>
Object make_list_object(const T& values) {
    std::vector<Object> elements;
    if constexpr (requires { values.size(); }) elements.reserve(values.size());
    for (const auto& each : values) elements.push_back(make_object<std::remove_cvref_t<decltype(each)>>(each));
    return Object::list(std::move(elements));
}

template <class T>
Object make_keyed_object(const T& values) {
    if constexpr (MapLike<T> && OnceKeyed<T>) {
        std::vector<std::pair<Object, Object>> items;
        items.reserve(values.size());
        for (const auto& [key, value] : values) items.emplace_back(make_object(key), make_object(value));
        return make_object_dict(std::move(items));
    } else if constexpr (OnceKeyed<T>) {
        std::vector<Object> elements;
        elements.reserve(values.size());
        for (const auto& each : values) elements.push_back(make_object(each));
        return Object::set(std::move(elements));
    } else {
        return make_list_object(values);
    }
}

template <class T, std::size_t... I>
Object make_tuple_object(const T& values, std::index_sequence<I...>) {
    using std::get;
    std::vector<Object> elements;
    elements.reserve(sizeof...(I));
    (elements.push_back(make_object<std::remove_const_t<std::tuple_element_t<I, T>>>(get<I>(values))), ...);
    return Object::tuple(std::move(elements));
}

template <class T>
Object make_aggregate_object(const T& value) {
    std::vector<Object> elements;
    visit_fields(value, [&](const auto&... fields) {
        (elements.push_back(make_object<std::remove_cvref_t<decltype(fields)>>(fields)), ...);
    });
    return Object::tuple(std::move(elements));
}

COHORT_API Object timedelta_from_seconds(long double seconds);

/// num and den: how many seconds a unit is. Exact for integers.
COHORT_API Object timedelta_from_units(std::int64_t count, std::intmax_t num, std::intmax_t den);
/// The same as the days and microseconds since 1970, rounded down.
COHORT_API Object utc_from_units(std::int64_t count, std::intmax_t num, std::intmax_t den);
/// False if it is no whole number of units, or 64 bits do not hold it.
COHORT_API bool units_from_days(std::int64_t days, std::int64_t microseconds, std::intmax_t num, std::intmax_t den,
                                std::int64_t& count);

template <class Duration>
Object make_duration_object(const Duration& duration) {
    using Period = typename Duration::period;
    if constexpr (std::is_floating_point_v<typename Duration::rep>)
        return timedelta_from_seconds(static_cast<long double>(duration.count()) * Period::num / Period::den);
    else
        return timedelta_from_units(static_cast<std::int64_t>(duration.count()), Period::num, Period::den);
}

template <class Duration>
Duration take_units(const Object& object, const ObjectPlace* place, std::int64_t days, std::int64_t microseconds) {
    using Rep = typename Duration::rep;
    using Period = typename Duration::period;
    if constexpr (std::is_floating_point_v<Rep>) {
        auto seconds = static_cast<long double>(days) * 86400 + static_cast<long double>(microseconds) / 1000000;
        return Duration(static_cast<Rep>(seconds * Period::den / Period::num));
    } else {
        std::int64_t count = 0;
        if (!units_from_days(days, microseconds, Period::num, Period::den, count) ||
            count < static_cast<std::int64_t>(std::numeric_limits<Rep>::min()) ||
            (count > 0 &&
             static_cast<std::uint64_t>(count) > static_cast<std::uint64_t>(std::numeric_limits<Rep>::max())))
            fail_object_range(place, object, wanted_name<Duration>());
        return Duration(static_cast<Rep>(count));
    }
}

template <class T>
Object make_object(const T& value) {
    constexpr ::cohort::serial::detail::Kind kind = nature_v<T>.kind;
    if constexpr (std::is_same_v<T, Object>) {
        return value;
    } else if constexpr (requires { value.to_object(); }) {
        return value.to_object();
    } else if constexpr (is_text_v<T> || is_char_array_v<T>) {
        return Object(std::string_view(value));
    } else if constexpr (std::is_same_v<T, const char*> || std::is_same_v<T, char*>) {
        return value ? Object(std::string_view(value)) : Object();
    } else if constexpr (is_byte_block_v<T>) {
        return Object::bytes(std::span<const std::byte>(value));
    } else if constexpr (std::is_same_v<T, None> || kind == Kind::nothing) {
        return Object();
    } else if constexpr (kind == Kind::boolean || kind == Kind::number) {
        return make_number_object(value);
    } else if constexpr (kind == Kind::complex) {
        return Object(std::complex<double>(static_cast<double>(value.real()), static_cast<double>(value.imag())));
    } else if constexpr (kind == Kind::bits) {
        std::vector<Object> elements;
        for (bool each : value) elements.push_back(each);
        return Object::list(std::move(elements));
    } else if constexpr (kind == Kind::array || kind == Kind::block || kind == Kind::sequence ||
                         kind == Kind::forward_list || kind == Kind::valarray) {
        return make_list_object(value);
    } else if constexpr (kind == Kind::keyed) {
        return make_keyed_object(value);
    } else if constexpr (kind == Kind::tuple) {
        return make_tuple_object(value, std::make_index_sequence<std::tuple_size_v<T>>());
    } else if constexpr (kind == Kind::aggregate) {
        return make_aggregate_object(value);
    } else if constexpr (kind == Kind::duration) {
        return make_duration_object(value);
    } else if constexpr (kind == Kind::time_point) {
        static_assert(T::clock::is_steady == false, "cohort: only points of the system clock mean the same elsewhere");
        using Duration = typename T::duration;
        if constexpr (std::is_floating_point_v<typename Duration::rep>)
            return utc_from_units(static_cast<std::int64_t>(value.time_since_epoch().count() * 1000000 *
                                                            Duration::period::num / Duration::period::den),
                                  1, 1000000);
        else
            return utc_from_units(static_cast<std::int64_t>(value.time_since_epoch().count()), Duration::period::num,
                                  Duration::period::den);
    } else if constexpr (kind == Kind::path) {
        return Object(value.string());
    } else if constexpr (kind == Kind::atomic) {
        return make_object(value.load());
    } else if constexpr (kind == Kind::optional || kind == Kind::unique_pointer || kind == Kind::shared_pointer) {
        if (!value) return Object();
        return make_object<std::remove_cvref_t<decltype(*value)>>(*value);
    } else if constexpr (kind == Kind::variant) {
        return visit([](const auto& held) { return make_object(held); }, value);
    } else {
        static_assert(std::is_void_v<T>, "cohort: Python has no value for this type");
        return Object();
    }
}

// --- From Python. ---

template <class T>
T take_number(const Object& object, const ObjectPlace* place) {
    if constexpr (std::is_enum_v<T>) {
        return static_cast<T>(take_object<std::underlying_type_t<T>>(object, place));
    } else if constexpr (std::is_same_v<T, bool>) {
        if (!object.is(Object::Kind::boolean)) fail_object_type(place, object, "bool");
        return object.as_bool();
    } else if constexpr (std::is_same_v<T, char>) {
        if (!object.is(Object::Kind::str) || object.as_str().size() != 1) fail_object_type(place, object, "char");
        return object.as_str()[0];
    } else if constexpr (std::is_floating_point_v<T>) {
        if (object.kind() < Object::Kind::boolean || object.kind() > Object::Kind::floating)
            fail_object_type(place, object, wanted_name<T>());
        double value = object.as_float();
        constexpr auto most = static_cast<double>(
            std::min<long double>(std::numeric_limits<T>::max(), std::numeric_limits<double>::max()));
        if (value - value == 0 && (value > most || value < -most)) fail_object_range(place, object, wanted_name<T>());
        return static_cast<T>(value);
    } else {
        if (object.kind() != Object::Kind::integer && object.kind() != Object::Kind::boolean)
            fail_object_type(place, object, wanted_name<T>());
        using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
        Wide value = 0;
        bool fits = false;
        if constexpr (std::is_signed_v<T>)
            fits = object_to_int64(object, value);
        else
            fits = object_to_uint64(object, value);
        if (!fits || value < static_cast<Wide>(std::numeric_limits<T>::min()) ||
            value > static_cast<Wide>(std::numeric_limits<T>::max()))
            fail_object_range(place, object, wanted_name<T>());
        return static_cast<T>(value);
    }
}

inline bool is_object_sequence(const Object& object) noexcept {
    return object.is(Object::Kind::list) || object.is(Object::Kind::tuple);
}

/// The elements of a list or a tuple of just so many.
template <class T>
std::span<const Object> take_parts(const Object& object, const ObjectPlace* place, std::size_t count) {
    if (!is_object_sequence(object)) fail_object_type(place, object, wanted_name<T>());
    std::span<const Object> elements = object.as_sequence();
    if (elements.size() != count) fail_object_count(place, object, count);
    return elements;
}

/// Calls `add` with each element, converted. An array of Python's has elements too.
template <class T, class Part, class Add>
void take_elements(const Object& object, const ObjectPlace* place, Add add) {
    if (object.is(Object::Kind::instance))
        if (auto numbers = array_elements(object))
            return take_elements<T, Part>(Object::list(std::move(*numbers)), place, add);
    if (!is_object_sequence(object) && !object.is(Object::Kind::set) && !object.is(Object::Kind::frozenset))
        fail_object_type(place, object, wanted_name<T>());
    ObjectPlace here{place, ObjectPlace::Part::element, 0, nullptr};
    for (const Object& each : object) {
        add(take_object<Part>(each, &here));
        ++here.index;
    }
}

template <class T>
T take_keyed(const Object& object, const ObjectPlace* place) {
    T result;
    if constexpr (MapLike<T> && OnceKeyed<T>) {
        if (!object.is(Object::Kind::dict)) fail_object_type(place, object, wanted_name<T>());
        for_each_object_item(object, [&](const Object& key, const Object& value) {
            ObjectPlace at_key{place, ObjectPlace::Part::key, 0, &key};
            ObjectPlace at_value{place, ObjectPlace::Part::value, 0, &key};
            result.emplace_hint(result.end(), take_object<typename T::key_type>(key, &at_key),
                                take_object<typename T::mapped_type>(value, &at_value));
        });
    } else if constexpr (MapLike<T>) {
        using Item = std::pair<typename T::key_type, typename T::mapped_type>;
        take_elements<T, Item>(object, place, [&](Item item) { result.insert(std::move(item)); });
    } else {
        using Part = typename T::value_type;
        take_elements<T, Part>(object, place, [&](Part part) { result.insert(std::move(part)); });
    }
    return result;
}

template <class T, std::size_t... I>
T take_tuple(const Object& object, const ObjectPlace* place, std::index_sequence<I...>) {
    std::span<const Object> parts = take_parts<T>(object, place, sizeof...(I));
    std::array<ObjectPlace, sizeof...(I) + 1> places{ObjectPlace{place, ObjectPlace::Part::element, I, nullptr}...,
                                                     ObjectPlace{}};
    return T{take_object<std::remove_const_t<std::tuple_element_t<I, T>>>(parts[I], &places[I])...};
}

template <class Field>
void take_field(Field& field, const Object& object, const ObjectPlace* place) {
    if constexpr (std::is_array_v<Field>) {
        std::span<const Object> parts = take_parts<Field>(object, place, std::extent_v<Field>);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            ObjectPlace here{place, ObjectPlace::Part::element, i, nullptr};
            take_field(field[i], parts[i], &here);
        }
    } else {
        field = take_object<Field>(object, place);
    }
}

template <class T>
T take_aggregate(const Object& object, const ObjectPlace* place) {
    static_assert(std::is_default_constructible_v<T>, "cohort: an aggregate from Python is made empty, then filled");
    T result{};
    std::span<const Object> parts = take_parts<T>(object, place, field_count<T>());
    ObjectPlace here{place, ObjectPlace::Part::element, 0, nullptr};
    visit_fields(result, [&](auto&... fields) { ((take_field(fields, parts[here.index], &here), ++here.index), ...); });
    return result;
}

/// Whether a value of this type can be a T at all: the parts are not looked at.
template <class T>
bool may_be(const Object& object) noexcept {
    constexpr Kind kind = nature_v<T>.kind;
    using Of = Object::Kind;
    if constexpr (is_text_v<T>)
        return object.is(Of::str);
    else if constexpr (is_byte_block_v<T>)
        return object.is(Of::bytes) || object.is(Of::bytearray);
    else if constexpr (kind == Kind::boolean)
        return object.is(Of::boolean);
    else if constexpr (std::is_floating_point_v<T>)
        return object.kind() >= Of::boolean && object.kind() <= Of::floating;
    else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, char>)
        return object.is(Of::integer) || object.is(Of::boolean);
    else if constexpr (kind == Kind::nothing)
        return object.is_none();
    else
        return true;
}

template <class T, std::size_t I = 0>
T take_variant(const Object& object, const ObjectPlace* place) {
    if constexpr (I == std::variant_size_v<T>) {
        fail_object_type(place, object, wanted_name<T>());
    } else {
        using Part = std::variant_alternative_t<I, T>;
        if (may_be<Part>(object)) {
            try {
                return T(std::in_place_index<I>, take_object<Part>(object, place));
            } catch (const SerializationError&) {
            } catch (const ValueError&) {
            }
        }
        return take_variant<T, I + 1>(object, place);
    }
}

template <class T>
T take_array(const Object& object, const ObjectPlace* place) {
    T result{};
    std::span<const Object> parts = take_parts<T>(object, place, result.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        ObjectPlace here{place, ObjectPlace::Part::element, i, nullptr};
        result[i] = take_object<typename T::value_type>(parts[i], &here);
    }
    return result;
}

template <class T>
T take_sequence(const Object& object, const ObjectPlace* place) {
    using Part = typename T::value_type;
    T result;
    if constexpr (requires { result.reserve(1); })
        if (is_object_sequence(object)) result.reserve(object.size());
    take_elements<T, Part>(object, place, [&](Part part) { result.push_back(std::move(part)); });
    return result;
}

template <class T>
T take_time(const Object& object, const ObjectPlace* place) {
    std::int64_t days = 0, microseconds = 0;
    if constexpr (nature_v<T>.kind == Kind::duration) {
        if (!object_to_timedelta(object, days, microseconds)) fail_object_type(place, object, wanted_name<T>());
        return take_units<T>(object, place, days, microseconds);
    } else {
        if (!object_to_utc(object, days, microseconds))
            fail_object_type(place, object, wanted_name<T>() + " (a datetime with a timezone is)");
        return T(take_units<typename T::duration>(object, place, days, microseconds));
    }
}

template <class T>
T take_object(const Object& object, const ObjectPlace* place) {
    constexpr Kind kind = nature_v<T>.kind;
    if constexpr (std::is_same_v<T, Object>) {
        return object;
    } else if constexpr (requires { T::from_object(object); }) {
        return T::from_object(object);
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        static_assert(std::is_void_v<T>, "cohort: take a std::string, which owns its text");
    } else if constexpr (is_text_v<T>) {
        if (!object.is(Object::Kind::str)) fail_object_type(place, object, wanted_name<T>());
        return T(object.as_str());
    } else if constexpr (is_byte_block_v<T>) {
        if (!may_be<T>(object)) fail_object_type(place, object, "std::vector<std::byte>");
        std::span<const std::byte> bytes = object.as_bytes();
        return T(bytes.begin(), bytes.end());
    } else if constexpr (std::is_same_v<T, None> || kind == Kind::nothing) {
        if (!object.is_none()) fail_object_type(place, object, wanted_name<T>());
        return std::bit_cast<T>(std::array<std::byte, sizeof(T)>{});
    } else if constexpr (kind == Kind::boolean || kind == Kind::number) {
        return take_number<T>(object, place);
    } else if constexpr (kind == Kind::complex) {
        if (object.kind() < Object::Kind::boolean || object.kind() > Object::Kind::complex)
            fail_object_type(place, object, wanted_name<T>());
        using Part = typename T::value_type;
        std::complex<double> value = object.as_complex();
        return T(static_cast<Part>(value.real()), static_cast<Part>(value.imag()));
    } else if constexpr (kind == Kind::array) {
        return take_array<T>(object, place);
    } else if constexpr (kind == Kind::block || kind == Kind::bits || kind == Kind::sequence) {
        return take_sequence<T>(object, place);
    } else if constexpr (kind == Kind::keyed) {
        return take_keyed<T>(object, place);
    } else if constexpr (kind == Kind::tuple) {
        return take_tuple<T>(object, place, std::make_index_sequence<std::tuple_size_v<T>>());
    } else if constexpr (kind == Kind::aggregate) {
        return take_aggregate<T>(object, place);
    } else if constexpr (kind == Kind::duration || kind == Kind::time_point) {
        return take_time<T>(object, place);
    } else if constexpr (kind == Kind::path) {
        return T(take_object<std::string>(object, place));
    } else if constexpr (kind == Kind::optional) {
        if (object.is_none()) return T();
        return T(std::in_place, take_object<typename T::value_type>(object, place));
    } else if constexpr (kind == Kind::unique_pointer || kind == Kind::shared_pointer) {
        if (object.is_none()) return T();
        using Part = std::remove_const_t<typename T::element_type>;
        return T(new Part(take_object<Part>(object, place)));
    } else if constexpr (kind == Kind::variant) {
        return take_variant<T>(object, place);
    } else {
        static_assert(std::is_void_v<T>, "cohort: Python has no value for this type");
    }
}

}  // namespace cohort::serial::detail

namespace cohort {

template <class T>
Object Object::from(const T& value) {
    return serial::detail::make_object(value);
}

template <class T>
T Object::to() const {
    return serial::detail::take_object<std::remove_cv_t<T>>(*this, nullptr);
}

}  // namespace cohort
