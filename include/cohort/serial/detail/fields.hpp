// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/detail/repetition.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

// The fields of plain aggregates: how many, of which types, and a visit of each. The number is found by trying how
// many initializers the aggregate takes; structured bindings of that number then give the fields themselves.
namespace cohort::serial::detail {

/// The most fields that a plain aggregate may have.
inline constexpr std::size_t kMaxFields = 64;

/// What field_count() gives for an aggregate with more fields than kMaxFields.
inline constexpr std::size_t kTooManyFields = kMaxFields + 1;

template <class... Ts>
struct TypeList {
    static constexpr std::size_t size = sizeof...(Ts);
};

/// Stands for a field of any type in an initializer that is only tried.
struct AnyField {
    template <class Field>
    constexpr operator Field() const noexcept;
};

/// Stands for a base class of T in an initializer that is only tried.
template <class T>
struct AnyBaseOf {
    template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) constexpr operator Base() const noexcept;
};

// --- By braces: `{}` initializes one field, also an array of any length. ---

/// Whether T can be initialized with `Count` empty braces, and whether with one AnyField behind them.
template <std::size_t Count>
struct Braces;

template <>
struct Braces<0> {
    template <class T>
    static constexpr bool accepted = requires {
        T{};
    };
    template <class T>
    static constexpr bool accepted_before_field = requires {
        T{AnyField{}};
    };
};

#define COHORT_EMPTY_BRACES(index) \
    {}
#define COHORT_BRACES(count)                                         \
    template <>                                                      \
    struct Braces<count> {                                           \
        template <class T>                                           \
        static constexpr bool accepted = requires {                  \
            T{COHORT_LIST_##count(COHORT_EMPTY_BRACES)};             \
        };                                                           \
        template <class T>                                           \
        static constexpr bool accepted_before_field = requires {     \
            T{COHORT_LIST_##count(COHORT_EMPTY_BRACES), AnyField{}}; \
        };                                                           \
    };
COHORT_FOR_EACH_COUNT(COHORT_BRACES)
COHORT_BRACES(65)
#undef COHORT_BRACES
#undef COHORT_EMPTY_BRACES

/// The most braces that T accepts, at least `Low` and less than `High`.
template <class T, std::size_t Low = 0, std::size_t High = kTooManyFields + 1>
consteval std::size_t count_braces() {
    if constexpr (High - Low == 1) {
        return Low;
    } else {
        constexpr std::size_t middle = (Low + High) / 2;
        if constexpr (Braces<middle>::template accepted<T>)
            return count_braces<T, middle, High>();
        else
            return count_braces<T, Low, middle>();
    }
}

// --- By values, for types with a field that `{}` cannot initialize. Here an array takes as many as it has elements.
// ---

template <class T, std::size_t... I>
consteval bool accepts_values(std::index_sequence<I...>) {
    return requires {
        T{(static_cast<void>(I), AnyField{})...};
    };
}

template <class T, std::size_t... Before, std::size_t... Inside, std::size_t... After>
consteval bool accepts_nested(std::index_sequence<Before...>, std::index_sequence<Inside...>,
                              std::index_sequence<After...>) {
    return requires {
        T{(static_cast<void>(Before), AnyField{})...,
          {(static_cast<void>(Inside), AnyField{})...},
          (static_cast<void>(After), AnyField{})...};
    };
}

/// How many values T accepts at most; 0 if no number was found.
template <class T, std::size_t Count = 1, bool Found = false>
consteval std::size_t count_values() {
    constexpr std::size_t limit = 4 * kMaxFields;
    constexpr bool accepted = accepts_values<T>(std::make_index_sequence<Count>());
    if constexpr (Found && !accepted)
        return Count - 1;
    else if constexpr (Count == limit || Count > sizeof(T))
        return accepted ? Count : 0;
    else
        return count_values<T, Count + 1, accepted>();
}

/// How many values the field takes that begins with value number `Before`: more than one if it is an array.
template <class T, std::size_t Before, std::size_t Rest, std::size_t Inside = 1>
consteval std::size_t values_of_field() {
    if constexpr (Inside > Rest) {
        return 1;
    } else {
        constexpr std::make_index_sequence<Before> before;
        constexpr std::make_index_sequence<Inside> inside;
        constexpr bool fits = accepts_nested<T>(before, inside, std::make_index_sequence<Rest - Inside>());
        // A class takes braces of many lengths, and more values may follow it; an array ends with its last element.
        constexpr bool ends = !accepts_nested<T>(before, inside, std::make_index_sequence<Rest - Inside + 1>());
        if constexpr (fits && ends)
            return Inside;
        else
            return values_of_field<T, Before, Rest, Inside + 1>();
    }
}

template <class T, std::size_t Before, std::size_t Rest>
consteval std::size_t count_fields_of_values() {
    if constexpr (Rest == 0) {
        return 0;
    } else {
        constexpr std::size_t width = values_of_field<T, Before, Rest>();
        return 1 + count_fields_of_values<T, Before + width, Rest - width>();
    }
}

/// The number of fields of an aggregate; 0 if it has none or they cannot be counted; kTooManyFields if it has more
/// than kMaxFields.
template <class T>
consteval std::size_t field_count() {
    if constexpr (std::is_empty_v<T>) {
        return 0;
    } else {
        constexpr std::size_t braces = count_braces<T>();
        if constexpr (Braces<0>::accepted<T> && !Braces<braces>::template accepted_before_field<T>) {
            return braces;
        } else {
            constexpr std::size_t fields = count_fields_of_values<T, 0, count_values<T>()>();
            return fields > kMaxFields ? kTooManyFields : fields;
        }
    }
}

/// Whether an aggregate has a base class: its first initializer is the base then.
template <class T>
consteval bool has_base() {
    return requires {
        T{AnyBaseOf<T>{}};
    };
}

// --- The fields themselves. ---

template <std::size_t Count>
struct Binding;

template <>
struct Binding<0> {
    template <class T, class Visitor>
    static constexpr decltype(auto) visit(T&, Visitor&& visitor) {
        return visitor();
    }
    template <class T>
    static TypeList<> types(T&);
};

#define COHORT_FIELD(index) f##index
#define COHORT_FIELD_TYPE(index) decltype(f##index)
#define COHORT_BINDING(count)                                                \
    template <>                                                              \
    struct Binding<count> {                                                  \
        template <class T, class Visitor>                                    \
        static constexpr decltype(auto) visit(T& value, Visitor&& visitor) { \
            auto& [COHORT_LIST_##count(COHORT_FIELD)] = value;               \
            return visitor(COHORT_LIST_##count(COHORT_FIELD));               \
        }                                                                    \
        template <class T>                                                   \
        static auto types(T& value) {                                        \
            auto& [COHORT_LIST_##count(COHORT_FIELD)] = value;               \
            return TypeList<COHORT_LIST_##count(COHORT_FIELD_TYPE)>();       \
        }                                                                    \
    };
COHORT_FOR_EACH_COUNT(COHORT_BINDING)
#undef COHORT_BINDING
#undef COHORT_FIELD_TYPE
#undef COHORT_FIELD

/// The declared types of the fields of T, references and const included.
template <class T>
using DeclaredFields = decltype(Binding<field_count<T>()>::types(std::declval<T&>()));

/// Calls `visitor` with references to all fields of `value`, in their order.
template <class T, class Visitor>
constexpr decltype(auto) visit_fields(T& value, Visitor&& visitor) {
    return Binding<field_count<std::remove_const_t<T>>()>::visit(value, std::forward<Visitor>(visitor));
}

}  // namespace cohort::serial::detail
