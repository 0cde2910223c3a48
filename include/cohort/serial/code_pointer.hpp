// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/codec.hpp>
#include <cohort/serial/token.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

// How pointers to functions and to members travel. Pointers to functions are accepted from trusted sources only.
namespace cohort::serial {

namespace detail {

/// Throws SerializationError if the source may not name code or places in objects.
COHORT_API void require_trust(const Source& source);

/// Writes a pointer to a member function: its address, or its place in the virtual table, and the object's adjustment.
COHORT_API void write_member_pointer(Sink& sink, const void* pointer);
COHORT_API void read_member_pointer(Source& source, void* pointer);

template <class Function>
struct FunctionPointerCodec {
    static void write(Sink& sink, Function* const& function) {
        write_code_address(sink, reinterpret_cast<const void*>(function));
    }
    static Function* read(Source& source) {
        return reinterpret_cast<Function*>(const_cast<void*>(read_code_address(source)));
    }
};

}  // namespace detail

template <class Result, class... Args>
struct Codec<Result (*)(Args...)> : detail::FunctionPointerCodec<Result(Args...)> {};
template <class Result, class... Args>
struct Codec<Result (*)(Args...) noexcept> : detail::FunctionPointerCodec<Result(Args...) noexcept> {};
template <class Result, class... Args>
struct Codec<Result (*)(Args..., ...)> : detail::FunctionPointerCodec<Result(Args..., ...)> {};
template <class Result, class... Args>
struct Codec<Result (*)(Args..., ...) noexcept> : detail::FunctionPointerCodec<Result(Args..., ...) noexcept> {};

/// Pointers to members: functions by module and offset, data as the distance in the object.
template <class Class, class Member>
struct Codec<Member Class::*> {
    /// The type that is written and read.
    using Pointer = Member Class::*;

    /// Writes the pointer.
    static void write(Sink& sink, const Pointer& pointer) {
        if constexpr (std::is_member_function_pointer_v<Pointer>)
            detail::write_member_pointer(sink, &pointer);
        else
            sink.write(&pointer, sizeof pointer);  // a distance in the object
    }
    /// Reads it. Throws SerializationError unless the source is trusted and the module has such a function.
    static Pointer read(Source& source) {
        Pointer pointer{};
        if constexpr (std::is_member_function_pointer_v<Pointer>) {
            detail::read_member_pointer(source, &pointer);
        } else {
            detail::require_trust(source);
            source.read(&pointer, sizeof pointer);
        }
        return pointer;
    }
};

}  // namespace cohort::serial
