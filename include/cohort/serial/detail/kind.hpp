// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/type_name.hpp>
#include <cohort/serial/cure.hpp>
#include <cohort/serial/detail/cereal_functions.hpp>
#include <cohort/serial/detail/fields.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

// The kind of a type decides how its values are written. Types of the standard library are known by their names, so
// that no header of a container is included here: whoever sends an unordered_map has included its header.
namespace cohort::serial {

template <class T>
struct Codec;

}  // namespace cohort::serial

namespace cohort::serial::detail {

enum class Kind {
    unsendable,  // Nature::cure says why
    library,     // of cohort: Codec<T>
    user,        // of the user, with functions for cereal
    aggregate,   // of the user, plain
    nothing,     // has one value only
    boolean,
    number,  // arithmetic types and enumerations
    opaque,  // written as its bytes: the days, months and years of std::chrono
    complex,
    array,  // std::array and, as fields, arrays of the language
    tuple,  // std::tuple, std::pair
    duration,
    time_point,
    path,
    atomic,
    optional,
    variant,
    block,  // one after the other in memory: std::vector, strings
    bits,   // std::vector<bool>
    bitset,
    sequence,  // std::deque, std::list
    forward_list,
    valarray,
    keyed,    // sets and maps
    adaptor,  // std::queue, std::stack, std::priority_queue
    unique_pointer,
    shared_pointer,
    weak_pointer,
};

/// The kind of a type, or why it has none.
struct Nature {
    constexpr Nature(Kind of) : kind(of) {}
    constexpr Nature(Cure problem) : cure(problem) {}
    Kind kind = Kind::unsendable;
    Cure cure = Cure::none;
};

struct StandardType {
    std::string_view name;
    Nature nature;
};

inline constexpr StandardType kStandardTypes[] = {
    {"array", Kind::array},
    {"atomic", Kind::atomic},
    {"atomic_flag", Cure::local},
    {"basic_string", Kind::block},
    {"basic_string_view", Cure::view},
    {"bitset", Kind::bitset},
    {"chrono::duration", Kind::duration},
    {"chrono::time_point", Kind::time_point},
    {"complex", Kind::complex},
    {"condition_variable", Cure::local},
    {"condition_variable_any", Cure::local},
    {"deque", Kind::sequence},
    {"filesystem::__cxx11::path", Kind::path},
    {"filesystem::path", Kind::path},
    {"forward_list", Kind::forward_list},
    {"function", Cure::function},
    {"future", Cure::local},
    {"jthread", Cure::local},
    {"list", Kind::sequence},
    {"map", Kind::keyed},
    {"multimap", Kind::keyed},
    {"multiset", Kind::keyed},
    {"mutex", Cure::local},
    {"nullopt_t", Kind::nothing},
    {"optional", Kind::optional},
    {"pair", Kind::tuple},
    {"priority_queue", Kind::adaptor},
    {"promise", Cure::local},
    {"queue", Kind::adaptor},
    {"recursive_mutex", Cure::local},
    {"recursive_timed_mutex", Cure::local},
    {"reference_wrapper", Cure::reference},
    {"set", Kind::keyed},
    {"shared_future", Cure::local},
    {"shared_mutex", Cure::local},
    {"shared_ptr", Kind::shared_pointer},
    {"shared_timed_mutex", Cure::local},
    {"span", Cure::view},
    {"stack", Kind::adaptor},
    {"string", Kind::block},  // as some compilers name basic_string<char>; likewise the next four
    {"u16string", Kind::block},
    {"u32string", Kind::block},
    {"u8string", Kind::block},
    {"wstring", Kind::block},
    {"thread", Cure::local},
    {"timed_mutex", Cure::local},
    {"tuple", Kind::tuple},
    {"unique_ptr", Kind::unique_pointer},
    {"unordered_map", Kind::keyed},
    {"unordered_multimap", Kind::keyed},
    {"unordered_multiset", Kind::keyed},
    {"unordered_set", Kind::keyed},
    {"valarray", Kind::valarray},
    {"variant", Kind::variant},
    {"vector", Kind::block},
    {"weak_ptr", Kind::weak_pointer},
};

/// The name behind `std::`, without inline namespaces and template arguments; empty for a type that is not of the
/// standard library.
constexpr std::string_view standard_name(std::string_view name) {
    if (name.substr(0, 5) != "std::") return {};
    name.remove_prefix(5);
    while (name.substr(0, 2) == "__") name.remove_prefix(name.find("::") + 2);
    return name.substr(0, name.find('<'));
}

template <class T>
concept Indexed = requires(T& value) {
    value[0];
};

/// The nature of a class of the standard library that its name alone does not tell.
template <class T>
constexpr Nature unlisted_nature(std::string_view name) {
    if (name.substr(0, 8) == "chrono::" && std::is_trivially_copyable_v<T> &&
        std::has_unique_object_representations_v<T>)
        return Kind::opaque;
    if (std::is_empty_v<T> && std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>)
        return Kind::nothing;
    return Cure::unknown;
}

/// Whether a receiver can make anew what a container compares or hashes with.
template <class T>
constexpr bool made_anew() {
    if constexpr (requires { typename T::hasher; })
        return std::is_default_constructible_v<typename T::hasher> &&
               std::is_default_constructible_v<typename T::key_equal>;
    else if constexpr (requires { typename T::key_compare; })
        return std::is_default_constructible_v<typename T::key_compare>;
    else if constexpr (requires { typename T::value_compare; })
        return std::is_default_constructible_v<typename T::value_compare>;
    else
        return std::is_default_constructible_v<T>;
}

/// Whether a smart pointer owns one object, which `delete` ends.
template <class T>
constexpr bool owns_one() {
    if constexpr (Indexed<T>)
        return false;
    else if constexpr (requires { typename T::deleter_type; })
        return std::is_empty_v<typename T::deleter_type> && std::is_default_constructible_v<T>;
    else
        return !std::is_void_v<typename T::element_type>;
}

/// The nature of a class of the standard library: by its name, then by what its arguments allow.
template <class T>
constexpr Nature standard_nature(std::string_view name) {
    Nature nature = unlisted_nature<T>(name);
    for (const StandardType& type : kStandardTypes)
        if (type.name == name) nature = type.nature;
    switch (nature.kind) {
        case Kind::block:
            return requires(T & value) {
                value.flip();
            }
            ? Nature(Kind::bits) : nature;
        case Kind::keyed:
        case Kind::adaptor:
            return made_anew<T>() ? nature : Nature(Cure::stateful);
        case Kind::unique_pointer:
        case Kind::shared_pointer:
        case Kind::weak_pointer:
            if constexpr (requires { typename T::element_type; }) return owns_one<T>() ? nature : Nature(Cure::owner);
            return nature;
        default:
            return nature;
    }
}

template <class T>
inline constexpr bool has_arrays = false;
template <class... Fields>
inline constexpr bool has_arrays<TypeList<Fields...>> = (std::is_array_v<Fields> || ...);

template <class T>
inline constexpr bool has_references = false;
template <class... Fields>
inline constexpr bool has_references<TypeList<Fields...>> = (std::is_reference_v<Fields> || ...);

template <class T>
inline constexpr bool all_assignable = false;
template <class... Fields>
inline constexpr bool all_assignable<TypeList<Fields...>> =
    (std::is_move_assignable_v<std::remove_all_extents_t<Fields>> && ...);

/// How large an aggregate of these fields must be when each has its own place.
template <class... Fields>
constexpr std::size_t laid_out_size(TypeList<Fields...>) {
    std::size_t end = 0;
    ((end = (end + alignof(Fields) - 1) / alignof(Fields) * alignof(Fields) +
            (std::is_empty_v<Fields> ? 0 : sizeof(Fields))),
     ...);
    return end;
}

/// The nature of an aggregate without user code.
template <class T>
constexpr Nature aggregate_nature() {
    if constexpr (std::is_empty_v<T>) {
        return Kind::nothing;
    } else if constexpr (field_count<T>() > kMaxFields) {
        return Cure::crowd;
    } else if constexpr (has_base<T>()) {
        return Cure::derived;
    } else if constexpr (field_count<T>() == 0) {
        return Cure::reference;  // fields that no initializer fits
    } else {
        using Fields = DeclaredFields<T>;
        if constexpr (has_references<Fields>)
            return Cure::reference;
        else if constexpr (laid_out_size(Fields()) > sizeof(T))
            return Cure::squeezed;
        else if constexpr (has_arrays<Fields> && !(std::is_default_constructible_v<T> && all_assignable<Fields>))
            return Cure::rigid;
        else
            return Kind::aggregate;
    }
}

/// Whether T is one of cohort's own classes, of higher layers, whose objects stay where they were made.
template <class T>
constexpr bool is_owned() {
    constexpr std::string_view name = ::cohort::detail::raw_type_name<T>();
    return name == "cohort::Pool" || name == "cohort::Process";
}

template <class T>
constexpr Nature class_nature() {
    constexpr std::string_view name = standard_name(::cohort::detail::raw_type_name<T>());
    if constexpr (!name.empty())
        return standard_nature<T>(name);
    else if constexpr (std::is_same_v<CerealForm<T>, cereal_forms::Several>)
        return Cure::several;
    else if constexpr (!std::is_same_v<CerealForm<T>, cereal_forms::None>)
        return std::is_move_constructible_v<T> || std::is_abstract_v<T> ? Nature(Kind::user) : Nature(Cure::unmade);
    else if constexpr (std::is_aggregate_v<T>)
        return aggregate_nature<T>();
    else if constexpr (is_owned<T>())
        return Cure::owned;
    else if constexpr (std::is_polymorphic_v<T>)
        return Cure::virtual_kind;
    else if constexpr (requires { &T::operator(); })
        return Cure::function;
    else
        return Cure::closed;
}

template <class T>
concept HasCodec = requires(Sink& sink, Source& source, const T& value) {
    Codec<T>::write(sink, value);
    { Codec<T>::read(source) } -> std::same_as<T>;
};

template <class T>
constexpr Nature nature() {
    if constexpr (HasCodec<T>)
        return Kind::library;
    else if constexpr (std::is_same_v<T, bool>)
        return Kind::boolean;
    else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
        return Kind::number;
    else if constexpr (std::is_bounded_array_v<T>)
        return Kind::array;
    else if constexpr (std::is_null_pointer_v<T>)
        return Kind::nothing;
    else if constexpr (std::is_reference_v<T>)
        return Cure::reference;
    else if constexpr (std::is_union_v<T>)
        return Cure::union_kind;
    else if constexpr (std::is_class_v<T>)
        return class_nature<T>();
    else if constexpr (std::is_object_v<T> && !std::is_scalar_v<T> && !std::is_array_v<T>)
        return Cure::extended;
    else
        return Cure::pointer;
}

/// The nature of a type, found once.
template <class T>
inline constexpr Nature nature_v = nature<T>();

}  // namespace cohort::serial::detail
