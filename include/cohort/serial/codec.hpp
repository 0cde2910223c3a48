// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/export.hpp>
#include <cohort/os/descriptor.hpp>
#include <cohort/serial/detail/block_forms.hpp>
#include <cohort/serial/detail/choice_forms.hpp>
#include <cohort/serial/detail/container_forms.hpp>
#include <cohort/serial/detail/description.hpp>
#include <cohort/serial/detail/message_type.hpp>
#include <cohort/serial/detail/number_forms.hpp>
#include <cohort/serial/detail/pointer_forms.hpp>
#include <cohort/serial/detail/product_forms.hpp>
#include <cohort/serial/detail/user_forms.hpp>
#include <cohort/serial/shared_handles.hpp>
#include <cohort/serial/shared_names.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace cohort::serial {

/// How the library's own types travel: a specialization has `static void write(Sink&, const T&)` and
/// `static T read(Source&)`, and write() writes at least one byte.
template <class T>
struct Codec {};

/// An open file travels where descriptors can: the receiver gets a number of its own for it. The sender keeps its own.
template <>
struct COHORT_API Codec<Descriptor> {
    /// @throws SerializationError  this way of sending carries no descriptors
    static void write(Sink& sink, const Descriptor& descriptor);
    /// Throws SerializationError if the message does not bring it.
    static Descriptor read(Source& source);
};

/// Who carries descriptors along with a message.
/// @param type  the type whose value needs it, for the error
/// @throws SerializationError  nobody does
COHORT_API HandleCarrier& carrier_of(Sink& sink, const char* type);
/// The same for a message that is read.
COHORT_API HandleCarrier& carrier_of(Source& source, const char* type);

/// A type whose values can be sent to another process: arithmetic types, enumerations, the standard library's
/// containers, strings, smart pointers, chrono types and the like, plain aggregates of up to 64 fields, types with
/// functions for cereal, and cohort's own handles; and these within each other.
template <class T>
concept Serializable = detail::blame_v<T>
.cure == Cure::none;

/// Whether a type has functions of its own that make its bytes: those for cereal, or a Codec.
template <class T>
inline constexpr bool has_functions_v =
    detail::nature_v<T>.kind == detail::Kind::user || detail::nature_v<T>.kind == detail::Kind::library;

/// Why values of T cannot be sent: a sentence that names the type to blame and the cure. Empty if they can.
template <class T>
std::string cure_for() {
    constexpr detail::Blame found = detail::blame_v<T>;
    return found.cure == Cure::none ? std::string() : detail::describe_blame(found);
}

/// Tells the types of messages apart: computed from the name of T and, for aggregates, the types of its fields.
template <class T>
inline constexpr std::uint64_t fingerprint_v = detail::kFingerprint<std::remove_cv_t<T>>;

/// Appends the bytes of a value. An object that several std::shared_ptr in the value own is written once.
/// Throws SerializationError for a value that cannot be sent: nested too deeply, a variant without a value, a pointer
/// to an object of a derived class.
template <class T>
void write(Sink& sink, const T& value) {
    if constexpr (detail::require_sendable<T>()) {
        detail::Whole<Sink, T> whole(sink);
        detail::encode(sink, value);
    }
}

/// Reads a value that write() wrote. Throws SerializationError if the bytes are not those of a T; it never reads past
/// their end, and never allocates more than the rest of them can fill.
template <class T>
T read(Source& source) {
    if constexpr (detail::require_sendable<T>()) {
        detail::Whole<Source, T> whole(source);
        return detail::decode<T>(source);
    } else {
        detail::fail<T>("it cannot be sent");
    }
}

namespace detail {

template <class T>
constexpr bool has_fixed_size() {
    if constexpr (Serializable<T>)
        return fixed_v<T>;
    else
        return false;
}

}  // namespace detail

/// Whether all values of T take the same number of bytes: fixed_size_v.
template <class T>
inline constexpr bool has_fixed_size_v = detail::has_fixed_size<T>();
template <class T>
inline constexpr std::size_t fixed_size_v = detail::least_v<T>;

/// Writes the bytes of a value where there is room for them.
template <class T>
requires has_fixed_size_v<T>
void write_at(std::byte* at, const T& value) {
    detail::Form<T>::put(at, value);
}

/// Reads `count` values into the places from `first` on. Throws as read().
template <class T, class Iterator>
requires has_fixed_size_v<T>
void read_each(Source& source, std::size_t count, Iterator first) {
    const std::byte* at = source.take(count * fixed_size_v<T>).data();
    for (; count != 0; --count, ++first) *first = detail::Form<T>::get(at);
}

/// Appends a value with the fingerprint of its type before it.
template <class T>
void write_message(Sink& sink, const T& value) {
    write(sink, detail::registered_fingerprint<T>());
    write(sink, value);
}

/// Reads the fingerprint of a message. Throws SerializationError, naming both types, if the message is of another type.
template <class T>
void expect_message(Source& source) {
    auto found = read<std::uint64_t>(source);
    if (found != detail::registered_fingerprint<T>()) [[unlikely]]
        detail::fail_other_type(found, ::cohort::detail::raw_type_name<T>());
}

/// Reads a value that write_message() wrote. Throws SerializationError as expect_message() and read() do.
template <class T>
T read_message(Source& source) {
    expect_message<T>(source);
    return read<T>(source);
}

}  // namespace cohort::serial
