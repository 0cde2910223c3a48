// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/form.hpp>

#include <array>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>

// Numbers that tell types apart, computed by the compiler from a type's name and the types of its parts. gcc and clang
// spell many names in their own ways, so a template's arguments are taken one by one, and numbers by their size.
namespace cohort::serial::detail {

constexpr std::uint64_t kHashStart = 0xcbf29ce484222325;

/// One step of a hash: mixes `value` in.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15;
    return hash ^ (hash >> 32);
}

constexpr std::uint64_t hash_text(std::string_view text) {
    std::uint64_t hash = kHashStart;
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

/// The hash of a name up to its first '<'. Only gcc names the inline namespaces of the standard library; unnamed
/// namespaces each compiler names in its own way.
constexpr std::uint64_t hash_name(std::string_view name) {
    name = name.substr(0, name.find('<'));
    const bool standard = !standard_name(name).empty();
    std::uint64_t hash = kHashStart;
    for (std::size_t end; !name.empty(); name.remove_prefix(end)) {
        end = name.find("::") == name.npos ? name.size() : name.find("::") + 2;
        if (standard && name[0] == '_') continue;
        const bool unnamed = name[0] == '{' || name[0] == '(';
        hash = mix(hash, hash_text(unnamed ? "unnamed" : name.substr(0, end)));
    }
    return hash;
}

/// The hash of a type's name with all its arguments.
template <class T>
struct NameHash {
    static constexpr std::string_view name = ::cohort::detail::raw_type_name<T>();
    static constexpr std::uint64_t value = name.find('<') == name.npos ? hash_name(name) : hash_text(name);
};

template <class T>
requires std::is_arithmetic_v<T>
struct NameHash<T> {
    static constexpr std::uint64_t compute() {
        constexpr bool character = std::is_same_v<T, char> || std::is_same_v<T, wchar_t> ||
                                   std::is_same_v<T, char8_t> || std::is_same_v<T, char16_t> ||
                                   std::is_same_v<T, char32_t> || std::is_same_v<T, bool>;
        if constexpr (character)
            return hash_text(::cohort::detail::raw_type_name<T>());
        else
            return mix(hash_text(std::is_floating_point_v<T> ? "float"
                                 : std::is_signed_v<T>       ? "int"
                                                             : "unsigned"),
                       sizeof(T));
    }
    static constexpr std::uint64_t value = compute();
};

template <template <class...> class Template, class... Args>
struct NameHash<Template<Args...>> {
    static constexpr std::uint64_t compute() {
        std::uint64_t hash = hash_name(::cohort::detail::raw_type_name<Template<Args...>>());
        ((hash = mix(hash, NameHash<std::remove_cv_t<Args>>::value)), ...);
        return hash;
    }
    static constexpr std::uint64_t value = compute();
};

template <class T, std::size_t N>
struct NameHash<std::array<T, N>> {
    static constexpr std::uint64_t value = mix(mix(hash_text("array"), N), NameHash<T>::value);
};
template <class T, std::size_t N>
struct NameHash<T[N]> : NameHash<std::array<T, N>> {};

template <std::intmax_t Num, std::intmax_t Den>
struct NameHash<std::ratio<Num, Den>> {
    static constexpr std::uint64_t value =
        mix(mix(hash_text("ratio"), static_cast<std::uint64_t>(Num)), static_cast<std::uint64_t>(Den));
};

template <template <std::size_t> class Template, std::size_t N>
struct NameHash<Template<N>> {
    static constexpr std::uint64_t value = mix(hash_name(::cohort::detail::raw_type_name<Template<N>>()), N);
};

/// The types in whose parts a walk is: a type that contains itself, by way of a container or a pointer, ends it.
/// They are known by the hash of their names: not all builds let the compiler compare addresses.
struct Ancestors {
    const Ancestors* above;
    std::uint64_t type;

    constexpr bool contain(std::uint64_t other) const {
        for (const Ancestors* each = this; each != nullptr; each = each->above)
            if (each->type == other) return true;
        return false;
    }
};

template <class T>
constexpr std::uint64_t fingerprint_of(const Ancestors* ancestors);

template <class... Parts>
constexpr std::uint64_t mix_parts(std::uint64_t hash, [[maybe_unused]] const Ancestors* ancestors, TypeList<Parts...>) {
    ((hash = mix(hash, fingerprint_of<Parts>(ancestors))), ...);
    return hash;
}

/// The name, and for aggregates, whose fields one can see, also those.
template <class T>
constexpr std::uint64_t fingerprint_of([[maybe_unused]] const Ancestors* ancestors) {
    if constexpr (nature_v<T>.kind == Kind::unsendable) {
        return NameHash<T>::value;
    } else {
        if (ancestors != nullptr && ancestors->contain(NameHash<T>::value)) return NameHash<T>::value;
        Ancestors here{ancestors, NameHash<T>::value};
        return mix_parts(NameHash<T>::value, &here, typename Form<T>::Parts());
    }
}

/// Why T cannot be sent: the type in it that is to blame, and the cure.
struct Blame {
    Cure cure = Cure::none;
    std::string_view type{};  // as the compiler spells it
};

template <class T>
constexpr Blame blame_of(const Ancestors* ancestors);

template <class... Parts>
constexpr Blame first_blame([[maybe_unused]] const Ancestors* ancestors, TypeList<Parts...>) {
    Blame found;
    static_cast<void>((((found = blame_of<Parts>(ancestors)).cure != Cure::none) || ...));
    return found;
}

template <class T>
constexpr Blame blame_of([[maybe_unused]] const Ancestors* ancestors) {
    if constexpr (nature_v<T>.kind == Kind::unsendable) {
        return {nature_v<T>.cure, ::cohort::detail::raw_type_name<T>()};
    } else {
        if (ancestors != nullptr && ancestors->contain(NameHash<T>::value)) return {};
        Ancestors here{ancestors, NameHash<T>::value};
        return first_blame(&here, typename Form<T>::Parts());
    }
}

/// A sentence that names the type to blame and the cure.
COHORT_API std::string describe_blame(const Blame& blame);

template <class T>
inline constexpr Blame blame_v = blame_of<std::remove_cv_t<T>>(nullptr);

template <class T, class... Above>
constexpr auto find_culprit(TypeList<Above...>);

template <class Above, class First, class... Rest>
constexpr auto find_culprit_in(TypeList<First, Rest...>) {
    using Found = decltype(find_culprit<First>(Above()));
    if constexpr (sizeof...(Rest) == 0 || !std::is_same_v<Found, TypeList<>>)
        return Found();
    else
        return find_culprit_in<Above>(TypeList<Rest...>());
}

/// The type in T that cannot be sent, as a list of one, for compilers to name it. `Above` are T's ancestors.
template <class T, class... Above>
constexpr auto find_culprit(TypeList<Above...>) {
    if constexpr (nature_v<T>.kind == Kind::unsendable)
        return TypeList<T>();
    else if constexpr ((std::is_same_v<T, Above> || ...) || Form<T>::Parts::size == 0)
        return TypeList<>();
    else
        return find_culprit_in<TypeList<T, Above...>>(typename Form<T>::Parts());
}

template <Cure Problem, class Type>
constexpr Fault<Type, Problem> fault_with(TypeList<Type>) {
    return {};
}

template <class T>
constexpr auto find_fault() {
    constexpr Cure problem = blame_v<T>.cure;
    if constexpr (problem == Cure::none)
        return NoFault();
    else
        return fault_with<problem>(find_culprit<std::remove_cv_t<T>>(TypeList<>()));
}

/// Why T cannot be sent, for compilers to name the type in it that is to blame.
template <class T>
using fault_t = decltype(find_fault<T>());

/// Fails to compile, naming the type and the cure, unless T can be sent.
template <class T>
constexpr bool require_sendable() {
    fault_t<T>::explain();
    return !fault_t<T>::exists;
}

}  // namespace cohort::serial::detail
