// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/manager/detail/shared_handles.hpp>
#include <cohort/manager/detail/shared_object.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/codec.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// How a server calls code of the program with what a client gave.
namespace cohort::manager::detail {

template <class F>
struct Signature : Signature<decltype(&F::operator())> {};
template <class R, class... Args>
struct Signature<R(Args...)> {
    using Parameters = std::tuple<Args...>*;  // a pointer: no tuple of these is made
};
template <class R, class... Args>
struct Signature<R (*)(Args...)> : Signature<R(Args...)> {};
template <class R, class... Args>
struct Signature<R (*)(Args...) noexcept> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...)> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) const> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...)&> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) const&> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) noexcept> : Signature<R(Args...)> {};
template <class R, class C, class... Args>
struct Signature<R (C::*)(Args...) const noexcept> : Signature<R(Args...)> {};
template <class M, class C>
requires std::is_object_v<M>
struct Signature<M C::*> : Signature<M()> {
};

template <std::size_t Count, class List>
struct WithoutFirst {
    using Parameters = List;
};
template <std::size_t Count, class First, class... Rest>
requires(Count != 0) struct WithoutFirst<Count, std::tuple<First, Rest...>*>
    : WithoutFirst<Count - 1, std::tuple<Rest...>*> {
};

/// What is bound comes first; of a member, the object.
template <class F, class... Bound>
struct Signature<Partial<F, Bound...>>
    : WithoutFirst<sizeof...(Bound) - std::size_t{std::is_member_pointer_v<F>}, typename Signature<F>::Parameters> {};

/// The parameters of a method that is given as a callable follow the object.
template <class F>
struct MethodSignature : WithoutFirst<1, typename Signature<F>::Parameters> {};
template <class F>
requires std::is_member_pointer_v<F>
struct MethodSignature<F> : Signature<F> {
};

/// What is kept of an argument for a parameter of type P.
template <class P>
using argument_t = std::conditional_t<std::is_same_v<std::remove_cvref_t<P>, std::string_view> ||
                                          std::is_same_v<std::decay_t<P>, const char*>,
                                      std::string, std::remove_cvref_t<P>>;

template <class P>
decltype(auto) pass_argument(argument_t<P>& argument) {
    if constexpr (std::is_same_v<std::decay_t<P>, const char*>)
        return argument.c_str();
    else if constexpr (std::is_lvalue_reference_v<P>)
        return static_cast<argument_t<P>&>(argument);
    else
        return static_cast<argument_t<P>&&>(argument);
}

template <class T>
inline constexpr bool may_be_left_out_v = serial::detail::nature_v<T>.kind == serial::detail::Kind::optional;

/// @param given  null: left out
template <class T>
T take_argument(const Object* given, std::size_t place) {
    if constexpr (may_be_left_out_v<T>)
        if (!given) return {};
    try {
        return given->to<T>();
    } catch (const SerializationError& error) {
        fail_argument(place, error);
    }
}

/// Classes of the program: what a std::shared_ptr shares an object of, where the class is exposed.
template <class T>
constexpr bool is_class_of_program() {
    using serial::detail::Kind;
    if constexpr (!std::is_class_v<T> || requires(const T& value) { value.to_object(); }) {
        return false;
    } else {
        constexpr Kind kind = serial::detail::nature_v<T>.kind;
        // std::monostate and its like are None.
        constexpr bool is_empty_class =
            kind == Kind::nothing && serial::detail::standard_name(::cohort::detail::raw_type_name<T>()).empty();
        return kind == Kind::aggregate || kind == Kind::user || kind == Kind::unsendable || is_empty_class;
    }
}

template <class T>
inline constexpr bool is_shared_pointer_v = false;
template <class T>
inline constexpr bool is_shared_pointer_v<std::shared_ptr<T>> = true;

template <class T>
Result make_result(const T& returned) {
    if constexpr (std::is_base_of_v<shm::SharedHandle, T>) {
        return {{}, share(returned), {}, {}};
    } else if constexpr (is_shared_pointer_v<T>) {
        using Element = typename T::element_type;
        if constexpr (std::is_base_of_v<shm::SharedHandle, Element>)
            return returned ? make_result(*returned) : Result();
        else if constexpr (is_class_of_program<Element>())
            return returned
                       ? Result{{}, {}, Instance{returned, typeid(Element), ::cohort::detail::type_name<Element>()}, {}}
                       : Result();
        else
            return {Object::from(returned), {}, {}, {}};
    } else {
        return {Object::from(returned), {}, {}, {}};
    }
}

/// Code of the program that clients have called, whatever its type is.
///
/// Thread safety: as the code's.
class COHORT_API Code {
public:
    Code() = default;
    virtual ~Code();
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;

    /// @param self  the object, of a method; otherwise null
    virtual Result call(void* self, const Given& given) = 0;
    /// For a fresh image of this program: read_code() reads it there.
    /// @throws SerializationError  it cannot travel; the text names its type and the cure
    virtual void write(serial::Sink& sink) const = 0;
};

using ReadCode = std::shared_ptr<Code> (*)(serial::Source& source);

/// @tparam Self        of a method: the type of its object; otherwise void
/// @tparam Parameters  what the arguments are for
template <class F, class Self, class Parameters>
class CodeOf;

template <class F, class Self, class... P>
class CodeOf<F, Self, std::tuple<P...>*> final : public Code {
public:
    /// @param names  of the parameters; none: they cannot be named
    explicit CodeOf(F function, std::vector<std::string> names)
        : function_(std::move(function)), names_(std::move(names)) {
        if (!names_.empty() && names_.size() != sizeof...(P))
            throw ValueError("a function with " + std::to_string(sizeof...(P)) + " parameters was given " +
                             std::to_string(names_.size()) + " names of parameters");
    }

    Result call(void* self, const Given& given) override {
        static constexpr std::array<bool, sizeof...(P)> kOptional{may_be_left_out_v<argument_t<P>>...};
        std::array<const Object*, sizeof...(P)> bound{};
        bind_arguments(given, names_, kOptional, bound);
        return call_with(self, bound, std::index_sequence_for<P...>());
    }

    void write(serial::Sink& sink) const override {
        if constexpr (serial::travels_v<F>) {
            serial::write(sink, static_cast<ReadCode>(&CodeOf::read));
            serial::write_callable(sink, function_, serial::Target::fresh);
            serial::write(sink, names_);
        } else {
            serial::require_travels<F>();
        }
    }

private:
    static std::shared_ptr<Code> read(serial::Source& source) {
        auto function = serial::read_callable<F>(source);
        return std::make_shared<CodeOf>(std::move(function.get()), serial::read<std::vector<std::string>>(source));
    }

    template <std::size_t... I>
    Result call_with(void* self, const std::array<const Object*, sizeof...(P)>& bound, std::index_sequence<I...>) {
        // Braces: converted from left to right.
        std::tuple<argument_t<P>...> arguments{take_argument<argument_t<P>>(bound[I], I)...};
        static_cast<void>(arguments);
        const auto invoke = [&]() -> decltype(auto) {
            if constexpr (std::is_void_v<Self>)
                return std::invoke(function_, pass_argument<P>(std::get<I>(arguments))...);
            else
                return std::invoke(function_, *static_cast<Self*>(self), pass_argument<P>(std::get<I>(arguments))...);
        };
        static_cast<void>(self);
        if constexpr (std::is_void_v<decltype(invoke())>) {
            invoke();
            return {};
        } else {
            return make_result<std::remove_cvref_t<decltype(invoke())>>(invoke());
        }
    }

    F function_;
    const std::vector<std::string> names_;
};

/// A function, a lambda or a functor that stands for itself.
template <class F>
std::shared_ptr<Code> make_code(F function, std::vector<std::string> names) {
    return std::make_shared<CodeOf<F, void, typename Signature<F>::Parameters>>(std::move(function), std::move(names));
}

/// What is called with an object of type T: a member, or a callable whose first parameter is the object.
template <class T, class F>
std::shared_ptr<Code> make_method(F function, std::vector<std::string> names) {
    return std::make_shared<CodeOf<F, T, typename MethodSignature<F>::Parameters>>(std::move(function),
                                                                                   std::move(names));
}

}  // namespace cohort::manager::detail
