// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <memory>
#include <type_traits>
#include <utility>

// Handles of shared objects travel by the object's name. Only declared here, so that who sends none pays for no header.
namespace cohort {
class Barrier;
class Condition;
}  // namespace cohort
namespace cohort::shm {
class Object;
class SharedHandle;
}  // namespace cohort::shm

namespace cohort::serial {

template <class T>
struct Codec;
class Sink;
class Source;

/// Writes the name of an object, which the message holds from now on.
/// @throws ValueError          the handle was moved from
/// @throws SerializationError  this way of sending carries no objects
COHORT_API void write_object(Sink& sink, const shm::SharedHandle& handle);

/// The object of that name, which this process holds from now on.
/// @throws SerializationError  it belongs to another tree of processes, is gone, or the source is not to be trusted
COHORT_API std::shared_ptr<shm::Object> read_object(Source& source);

/// The receiver shares the same object. With its lock, if it has one, which may be another object's.
template <class T>
requires std::is_base_of_v<shm::SharedHandle, T>
struct Codec<T> {
    static void write(Sink& sink, const T& handle) {
        write_object(sink, handle);
        if constexpr (kHasLock) write_object(sink, handle.get_lock());
    }
    static T read(Source& source) {
        auto object = read_object(source);
        if constexpr (kHasLock)
            return T(std::move(object), read_object(source));
        else
            return T(std::move(object));
    }

private:
    static constexpr bool kHasLock = requires(const T& handle) { handle.get_lock(); };
};

/// With its lock.
template <>
struct COHORT_API Codec<Condition> {
    static void write(Sink& sink, const Condition& condition);
    static Condition read(Source& source);
};

/// With its action, which must be a function, or a lambda without captures.
template <>
struct COHORT_API Codec<Barrier> {
    /// @throws SerializationError  the action is another callable
    static void write(Sink& sink, const Barrier& barrier);
    static Barrier read(Source& source);
};

}  // namespace cohort::serial
