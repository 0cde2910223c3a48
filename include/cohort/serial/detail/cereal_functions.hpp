// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/archive.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

// The functions that users write for cereal: which of its forms a type has, and the call of that form. cereal's own
// archives choose among the same forms, but keep the versions of classes in tables that threads would have to lock.
namespace cohort::serial::detail {

template <class T>
void encode(Sink& sink, const T& value);
template <class T>
T decode(Source& source);

namespace cereal_forms {

// Free functions are found by argument-dependent lookup only.
void serialize();
void save();
void load();
void save_minimal();
void load_minimal();

using Access = cereal::access;

/// Each form has: `exists`, whether T has functions of this form; `specialized()`, whether the user has chosen it
/// among several with cereal::specialize; write() and read(). `Version` is empty, or the type of a version.
template <class T, class... Version>
struct MemberSerialize {
    static constexpr bool exists = requires(OutputArchive & out, InputArchive& in, T& value, Version... version) {
        Access::member_serialize(out, value, version...);
        Access::member_serialize(in, value, version...);
    };
    static consteval bool specialized() {
        return cereal::traits::detail::is_specialized_member_serialize<T, OutputArchive>::value;
    }
    static void write(OutputArchive& out, const T& value, Version... version) {
        Access::member_serialize(out, const_cast<T&>(value), version...);
    }
    static void read(InputArchive& in, T& value, Version... version) {
        Access::member_serialize(in, value, version...);
    }
};

template <class T, class... Version>
struct FreeSerialize {
    static constexpr bool exists = requires(OutputArchive & out, InputArchive& in, T& value, Version... version) {
        serialize(out, value, version...);
        serialize(in, value, version...);
    };
    static consteval bool specialized() {
        return cereal::traits::detail::is_specialized_non_member_serialize<T, OutputArchive>::value;
    }
    static void write(OutputArchive& out, const T& value, Version... version) {
        serialize(out, const_cast<T&>(value), version...);
    }
    static void read(InputArchive& in, T& value, Version... version) { serialize(in, value, version...); }
};

template <class T, class... Version>
struct MemberPair {
    static constexpr bool exists =
        requires(OutputArchive & out, InputArchive& in, const T& value, T& into, Version... version) {
        Access::member_save(out, value, version...);
        Access::member_load(in, into, version...);
    };
    static consteval bool specialized() {
        return cereal::traits::detail::is_specialized_member_load_save<T, OutputArchive>::value;
    }
    static void write(OutputArchive& out, const T& value, Version... version) {
        Access::member_save(out, value, version...);
    }
    static void read(InputArchive& in, T& value, Version... version) { Access::member_load(in, value, version...); }
};

template <class T, class... Version>
struct FreePair {
    static constexpr bool exists =
        requires(OutputArchive & out, InputArchive& in, const T& value, T& into, Version... version) {
        save(out, value, version...);
        load(in, into, version...);
    };
    static consteval bool specialized() {
        return cereal::traits::detail::is_specialized_non_member_load_save<T, OutputArchive>::value;
    }
    static void write(OutputArchive& out, const T& value, Version... version) { save(out, value, version...); }
    static void read(InputArchive& in, T& value, Version... version) { load(in, value, version...); }
};

template <class T, class... Version>
struct MemberMinimal {
    static constexpr bool exists =
        requires(const OutputArchive& out, const InputArchive& in, const T& value, T& into, Version... version) {
        Access::member_load_minimal(in, into, Access::member_save_minimal(out, value, version...), version...);
    };
    static consteval bool specialized() {
        return cereal::traits::detail::is_specialized_member_load_save_minimal<T, OutputArchive>::value;
    }
    static void write(OutputArchive& out, const T& value, Version... version) {
        encode(out.sink(), Access::member_save_minimal(out, value, version...));
    }
    static void read(InputArchive& in, T& value, Version... version) {
        using Minimal = decltype(Access::member_save_minimal(std::declval<const OutputArchive&>(), value, version...));
        Access::member_load_minimal(in, value, decode<std::remove_cvref_t<Minimal>>(in.source()), version...);
    }
};

template <class T, class... Version>
struct FreeMinimal {
    static constexpr bool exists =
        requires(const OutputArchive& out, const InputArchive& in, const T& value, T& into, Version... version) {
        load_minimal(in, into, save_minimal(out, value, version...), version...);
    };
    static consteval bool specialized() {
        return cereal::traits::detail::is_specialized_non_member_load_save_minimal<T, OutputArchive>::value;
    }
    static void write(OutputArchive& out, const T& value, Version... version) {
        encode(out.sink(), save_minimal(out, value, version...));
    }
    static void read(InputArchive& in, T& value, Version... version) {
        using Minimal = decltype(save_minimal(std::declval<const OutputArchive&>(), value, version...));
        load_minimal(in, value, decode<std::remove_cvref_t<Minimal>>(in.source()), version...);
    }
};

/// The same form with the version of the class, which cereal::detail::Version knows, in front of the object.
template <class T, template <class, class...> class Form>
struct Versioned {
    static constexpr bool exists = Form<T, std::uint32_t>::exists;
    static consteval bool specialized() { return Form<T>::specialized(); }
    static void write(OutputArchive& out, const T& value) {
        const std::uint32_t version = cereal::detail::Version<T>::version;
        encode(out.sink(), version);
        Form<T, std::uint32_t>::write(out, value, version);
    }
    static void read(InputArchive& in, T& value) {
        Form<T, std::uint32_t>::read(in, value, decode<std::uint32_t>(in.source()));
    }
};

struct None {};
struct Several {};

template <std::size_t Count, bool Specialized, class Found, class... Forms>
struct Choose;

template <std::size_t Count, bool Specialized, class Found>
struct Choose<Count, Specialized, Found> {
    using type = std::conditional_t<(Count < 2), Found, Several>;
};

template <std::size_t Count, bool Specialized, class Found, class First, class... Rest>
struct Choose<Count, Specialized, Found, First, Rest...> {
    static consteval bool taken() {
        if constexpr (!First::exists)
            return false;
        else if constexpr (Specialized)
            return First::specialized();
        else
            return true;
    }
    using type =
        typename Choose<Count + taken(), Specialized, std::conditional_t<taken(), First, Found>, Rest...>::type;
};

template <class T, bool Specialized>
using Among = typename Choose<0, Specialized, None,                               //
                              MemberSerialize<T>, Versioned<T, MemberSerialize>,  //
                              FreeSerialize<T>, Versioned<T, FreeSerialize>,      //
                              MemberPair<T>, Versioned<T, MemberPair>,            //
                              FreePair<T>, Versioned<T, FreePair>,                //
                              MemberMinimal<T>, Versioned<T, MemberMinimal>,      //
                              FreeMinimal<T>, Versioned<T, FreeMinimal>>::type;

}  // namespace cereal_forms

namespace cereal_forms {

template <class T, class Found>
struct Resolve {
    using type = Found;
};
template <class T>
struct Resolve<T, Several> {
    using Specialized = Among<T, true>;
    using type = std::conditional_t<std::is_same_v<Specialized, None>, Several, Specialized>;
};

}  // namespace cereal_forms

/// The form of T's functions for cereal: cereal_forms::None if there are none, Several if it is not clear which are
/// meant.
template <class T>
using CerealForm = typename cereal_forms::Resolve<T, cereal_forms::Among<T, false>>::type;

}  // namespace cohort::serial::detail
