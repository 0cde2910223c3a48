// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/plain_data.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/serial/arguments.hpp>
#include <cohort/serial/by_value.hpp>
#include <cohort/serial/code_pointer.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/cure.hpp>
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

/// @param raw_type as raw_type_name() gives it
[[noreturn]] COHORT_API void throw_cannot_travel(Cure cure, std::string_view raw_type);
[[noreturn]] COHORT_API void throw_null_callable();

// How a callable of type T is written and read, or why it cannot be.
template <class T>
struct CallableTraits {
    static constexpr bool is_plain =
        std::is_class_v<T> && cohort::detail::is_plain_data_v<T> && (std::is_empty_v<T> || !std::is_aggregate_v<T>);

    static constexpr Cure cure = is_plain || Serializable<T> ? Cure::none : Cure::captures;

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
    static constexpr Cure cure = Cure::erased;
};
template <class T>
struct CallableTraits<std::reference_wrapper<T>> {
    static constexpr Cure cure = Cure::wrapped;
};

template <class F>
struct CallableTraits<ByValue<F>> {
    static constexpr Cure cure = Cure::none;

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

// Whether T itself, which the codec does not know, is a callable and no class that holds data.
template <class T>
constexpr bool is_unsendable_callable() {
    if constexpr (nature_v<T>.cure == Cure::function)
        return true;
    else if constexpr (nature_v<T>.cure == Cure::closed && is_function_object<T>())  // a lambda with `auto` parameters
        return cohort::detail::raw_type_name<T>().back() == '>' || cohort::detail::raw_type_name<T>().back() == ')';
    else
        return false;
}

// How a value given to a callable travels: as the codec has it, or as a callable itself.
template <class T>
constexpr Cure value_cure() {
    if constexpr (Serializable<T>)
        return Cure::none;  // NOLINT(bugprone-branch-clone): is_plain is asked only of what is no value
    else if constexpr (!requires { CallableTraits<T>::is_plain; })  // a callable that is ours or the standard library's
        return CallableTraits<T>::cure;
    else if constexpr (CallableTraits<T>::is_plain && is_function_object<T>())
        return Cure::none;
    else
        return is_unsendable_callable<T>() ? Cure::captures : blame_v<T>.cure;
}

template <class F, class... Bound>
struct CallableTraits<Partial<F, Bound...>> {
    using Values = std::tuple<Bound...>;

    static constexpr Cure first_of(std::initializer_list<Cure> cures) {
        for (Cure each : cures)
            if (each != Cure::none) return each;
        return Cure::none;
    }
    static constexpr Cure cure = first_of({CallableTraits<F>::cure, value_cure<Bound>()...});

    static void write(Sink& sink, const Partial<F, Bound...>& partial, Target target);
    static Partial<F, Bound...> read(Source& source);
};

// The faults are looked for where something is wrong only. The callable is given as a TypeList, for its lookup.
template <class F>
constexpr auto find_callable_fault(TypeList<F>) {
    return Fault<F, CallableTraits<F>::cure>();
}

template <class T>
constexpr auto find_value_fault() {
    constexpr Cure cure = value_cure<T>();
    if constexpr (cure == Cure::none)
        return NoFault();
    else if constexpr (!requires { CallableTraits<T>::is_plain; })
        return find_callable_fault(TypeList<T>());
    else if constexpr (cure == blame_v<T>.cure)
        return find_fault<T>();
    else
        return Fault<T, cure>();
}

template <class First, class... Rest>
constexpr auto find_first_fault(TypeList<First, Rest...>) {
    using Found = decltype(find_value_fault<First>());
    if constexpr (Found::exists || sizeof...(Rest) == 0)
        return Found();
    else
        return find_first_fault(TypeList<Rest...>());
}

template <class F, class... Bound>
constexpr auto find_callable_fault(TypeList<Partial<F, Bound...>>) {
    if constexpr (CallableTraits<F>::cure != Cure::none || sizeof...(Bound) == 0)
        return find_callable_fault(TypeList<F>());
    else
        return find_first_fault(TypeList<Bound...>());
}

template <class F>
bool is_null_callable(const F& callable) {
    if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>)
        return callable == nullptr;
    else
        return false;
}
template <class F, class... Bound>
bool is_null_callable(const Partial<F, Bound...>& partial) {
    return is_null_callable(partial.function());
}
template <class F>
bool is_null_callable(const ByValue<F>& callable) {
    return is_null_callable(callable.function());
}

}  // namespace detail

/// Whether callables of type F (a stored type) can be sent, as far as the type tells. Their captures may still turn out
/// to hold an address.
template <class F>
inline constexpr bool travels_v = detail::CallableTraits<F>::cure == Cure::none;

/// Whether values of type T can be arguments of a call elsewhere: those that the codec knows, and callables.
template <class T>
inline constexpr bool argument_travels_v = detail::value_cure<T>() == Cure::none;

/// Why callables of type F can never be sent: Fault::explain() tells the compiler's user. Cheap where nothing is wrong.
template <class F>
using callable_fault_t = decltype(detail::find_callable_fault(detail::TypeList<F>()));

/// The same for an argument.
template <class T>
using argument_fault_t = decltype(detail::find_value_fault<T>());

/// The same for the first of several arguments that has one.
template <class... Ts>
using first_argument_fault_t = decltype(detail::find_first_fault(detail::TypeList<Ts...>()));

/// The same for a value, which is no callable: what a call returns.
template <class T>
using value_fault_t = detail::fault_t<T>;

/// The same text at run time, for calls that need not cross: throws SerializationError if an F can never be sent.
template <class F>
void require_travels() {
    using Found = callable_fault_t<F>;
    if constexpr (Found::exists)
        detail::throw_cannot_travel(Found::cure, cohort::detail::raw_type_name<typename Found::Culprit>());
}

/// The same for an argument.
template <class T>
void require_argument_travels() {
    using Found = argument_fault_t<T>;
    if constexpr (Found::exists)
        detail::throw_cannot_travel(Found::cure, cohort::detail::raw_type_name<typename Found::Culprit>());
}

/// Throws ValueError if the callable is a null pointer, also inside a partial: the call would end the process that
/// makes it.
template <class F>
void refuse_null(const F& callable) {
    if (detail::is_null_callable(callable)) detail::throw_null_callable();
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
        argument_fault_t<T>::explain();
}

/// Reads an argument that write_argument() wrote.
template <class T>
T read_argument(Source& source) {
    if constexpr (Serializable<T>) {
        return read<T>(source);
    } else if constexpr (argument_travels_v<T>) {
        return detail::CallableTraits<T>::read(source);
    } else {
        argument_fault_t<T>::explain();
        detail::throw_cannot_travel(Cure::unknown, cohort::detail::raw_type_name<T>());
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
