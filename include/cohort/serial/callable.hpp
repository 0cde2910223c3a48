// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/plain_data.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/serial/arguments.hpp>
#include <cohort/serial/by_value.hpp>
#include <cohort/serial/code_pointer.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/serial/plain_bytes.hpp>

#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

// How callables travel. The code never does: the token of a trampoline names it, whose type knows what follows: nothing
// for a captureless lambda, the bytes of plain captures, what the codec writes of a functor, the callable and the
// values of a partial, the place of a function that is given as a pointer.
namespace cohort::serial {

namespace detail {

// What keeps a callable from being sent. The texts stand in compile errors and in exceptions.
#define COHORT_ERASED                                                                                             \
    "cohort: a std::function cannot be sent to another process, since it hides what it holds: pass the function " \
    "or lambda itself"
#define COHORT_REFERENCE "cohort: a std::reference_wrapper cannot be sent to another process: pass the object itself"
#define COHORT_CAPTURES                                                                                             \
    "cohort: this callable cannot be sent to another process, since its captures are not plain data: bind them to " \
    "a function or a lambda without captures with cohort::partial(f, values...), or make it a class with a codec"
#define COHORT_VALUE                                                                                                   \
    "cohort: this value, an argument or bound by cohort::partial, cannot be sent to another process, since the codec " \
    "does not know its type: send plain aggregates, standard types or types with a serialize member"

enum class Obstacle { none, erased, reference, captures, value };

constexpr const char* text_of(Obstacle obstacle) {
    switch (obstacle) {
        case Obstacle::none:
            break;
        case Obstacle::erased:
            return COHORT_ERASED;
        case Obstacle::reference:
            return COHORT_REFERENCE;
        case Obstacle::captures:
            return COHORT_CAPTURES;
        case Obstacle::value:
            return COHORT_VALUE;
    }
    return "";
}

/// @param raw_type as raw_type_name() gives it
[[noreturn]] COHORT_API void throw_cannot_travel(Obstacle obstacle, std::string_view raw_type);

// How a callable of type T is written and read, or why it cannot be.
template <class T>
struct CallableTraits {
    static constexpr bool is_plain =
        std::is_class_v<T> && cohort::detail::is_plain_data_v<T> && (std::is_empty_v<T> || !std::is_aggregate_v<T>);

    static constexpr Obstacle obstacle = is_plain || Serializable<T> ? Obstacle::none : Obstacle::captures;

    static void write(Sink& sink, const T& callable, Target target) {
        if constexpr (Serializable<T>)
            serial::write(sink, callable);
        else
            PlainBytes<T>::write(sink, callable, target, true);
    }
    static T read(Source& source) {
        if constexpr (Serializable<T>)
            return serial::read<T>(source);
        else
            return PlainBytes<T>::read(source);
    }
};

template <class Signature>
struct CallableTraits<std::function<Signature>> {
    static constexpr Obstacle obstacle = Obstacle::erased;
};
template <class T>
struct CallableTraits<std::reference_wrapper<T>> {
    static constexpr Obstacle obstacle = Obstacle::reference;
};

template <class F>
struct CallableTraits<ByValue<F>> {
    static constexpr Obstacle obstacle = Obstacle::none;

    static void write(Sink& sink, const ByValue<F>& callable, Target target) {
        PlainBytes<F>::write(sink, callable.function(), target, false);
    }
    static ByValue<F> read(Source& source) { return ByValue<F>(PlainBytes<F>::read(source)); }
};

// Whether T is a lambda or a functor; with `auto` parameters only its name tells.
template <class T>
constexpr bool is_function_object() {
    if constexpr (requires { &T::operator(); })
        return true;
    else
        return cohort::detail::raw_type_name<T>().find("lambda") != std::string_view::npos;
}

// How a value given to a callable travels: as the codec has it, or as a callable itself.
template <class T>
constexpr Obstacle value_obstacle() {
    if constexpr (Serializable<T>)
        return Obstacle::none;
    else if constexpr (requires { CallableTraits<T>::is_plain; })  // no callable that is ours or the standard library's
        return CallableTraits<T>::is_plain && is_function_object<T>() ? Obstacle::none : Obstacle::value;
    else
        return CallableTraits<T>::obstacle;
}

template <class F, class... Bound>
struct CallableTraits<Partial<F, Bound...>> {
    using Values = std::tuple<Bound...>;

    static constexpr Obstacle first_of(std::initializer_list<Obstacle> obstacles) {
        for (Obstacle each : obstacles)
            if (each != Obstacle::none) return each;
        return Obstacle::none;
    }
    static constexpr Obstacle obstacle = first_of({CallableTraits<F>::obstacle, value_obstacle<Bound>()...});

    static void write(Sink& sink, const Partial<F, Bound...>& partial, Target target);
    static Partial<F, Bound...> read(Source& source);
};

}  // namespace detail

/// Whether callables of type F (a stored type) can be sent, as far as the type tells. Their captures may still turn out
/// to hold an address.
template <class F>
inline constexpr bool travels_v = detail::CallableTraits<F>::obstacle == detail::Obstacle::none;

/// Whether values of type T can be arguments of a call elsewhere: those that the codec knows, and callables.
template <class T>
inline constexpr bool argument_travels_v = detail::value_obstacle<T>() == detail::Obstacle::none;

/// A compile error that names the cure if an F can never be sent.
template <class F>
constexpr void static_assert_travels() {
    using detail::Obstacle;
    constexpr Obstacle obstacle = detail::CallableTraits<F>::obstacle;
    static_assert(obstacle != Obstacle::erased, COHORT_ERASED);
    static_assert(obstacle != Obstacle::reference, COHORT_REFERENCE);
    static_assert(obstacle != Obstacle::captures, COHORT_CAPTURES);
    static_assert(obstacle != Obstacle::value, COHORT_VALUE);
}

/// The same for an argument.
template <class T>
constexpr void static_assert_argument_travels() {
    using detail::Obstacle;
    constexpr Obstacle obstacle = detail::value_obstacle<T>();
    static_assert(obstacle != Obstacle::erased, COHORT_ERASED);
    static_assert(obstacle != Obstacle::reference, COHORT_REFERENCE);
    static_assert(obstacle != Obstacle::value, COHORT_VALUE);
}

#undef COHORT_ERASED
#undef COHORT_REFERENCE
#undef COHORT_CAPTURES
#undef COHORT_VALUE

/// The same text at run time, for calls that need not cross: throws SerializationError if an F can never be sent.
template <class F>
void require_travels() {
    if constexpr (!travels_v<F>)
        detail::throw_cannot_travel(detail::CallableTraits<F>::obstacle, cohort::detail::raw_type_name<F>());
}

/// The same for an argument.
template <class T>
void require_argument_travels() {
    if constexpr (!argument_travels_v<T>)
        detail::throw_cannot_travel(detail::value_obstacle<T>(), cohort::detail::raw_type_name<T>());
}

/// Writes what the code of a callable needs of it; the code itself is named by the token of a trampoline for F.
/// @param target what will read it: see Target
/// @throws SerializationError if a captured word is the address of memory, or a function is in no program or library
template <class F>
requires travels_v<F>
void write_callable(Sink& sink, const F& callable, Target target) {
    detail::CallableTraits<F>::write(sink, callable, target);
}

/// A callable that was read.
template <class F>
class CallableBox {
public:
    /// Takes the callable.
    explicit CallableBox(F callable) : callable_(std::move(callable)) {}
    /// The callable itself, to be called.
    F& get() noexcept { return callable_; }

private:
    F callable_;
};

/// Reads a callable that write_callable() wrote.
/// @throws SerializationError if the bytes are none
template <class F>
requires travels_v<F> CallableBox<F> read_callable(Source& source) {
    return CallableBox<F>(detail::CallableTraits<F>::read(source));
}

/// Writes an argument: as the codec does, or as write_callable() does. A compile error that names the cure if a T can
/// never be sent: no constraint, whose failure would be a second error.
template <class T>
void write_argument(Sink& sink, const T& value, Target target) {
    if constexpr (Serializable<T>)
        write(sink, value);
    else if constexpr (argument_travels_v<T>)
        detail::CallableTraits<T>::write(sink, value, target);
    else
        static_assert_argument_travels<T>();
}

/// Reads an argument that write_argument() wrote.
template <class T>
T read_argument(Source& source) {
    if constexpr (Serializable<T>) {
        return read<T>(source);
    } else if constexpr (argument_travels_v<T>) {
        return detail::CallableTraits<T>::read(source);
    } else {
        static_assert_argument_travels<T>();
        require_argument_travels<T>();
    }
}

namespace detail {

template <class F, class... Bound>
void CallableTraits<Partial<F, Bound...>>::write(Sink& sink, const Partial<F, Bound...>& partial, Target target) {
    CallableTraits<F>::write(sink, partial.function(), target);
    std::apply([&](const Bound&... values) { (write_argument(sink, values, target), ...); }, partial.bound());
}

template <class F, class... Bound>
Partial<F, Bound...> CallableTraits<Partial<F, Bound...>>::read(Source& source) {
    F function = CallableTraits<F>::read(source);
    return {std::move(function), Values{read_argument<Bound>(source)...}};  // braces: from left to right
}

}  // namespace detail

}  // namespace cohort::serial
