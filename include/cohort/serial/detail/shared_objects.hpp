// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

// The numbers under which the objects of shared pointers go in a message: from 1, in the order of their first pointer.
namespace cohort::serial::detail {

/// An address for each type: an object is known again only by pointers of its own type.
template <class T>
inline constexpr char kIdentity = 0;

struct SharedNumber {
    std::uint64_t value;
    bool is_new;
};

/// The number of an object in the value being written. Keeps the object alive until the value is complete, so that its
/// address stays its own.
COHORT_API SharedNumber number_written(Sink& sink, std::shared_ptr<const void> object, const void* type);

/// The object that came under a number in the value being read; null if it is the next number, whose object follows.
/// Throws SerializationError if the object is of another type, if it is being read and not there yet, or if the number
/// is too high.
COHORT_API std::shared_ptr<void> find_read(Source& source, std::uint64_t number, const void* type);

/// Gives the next number to an object; null for one that complete_read() brings when it has been read.
/// @param clear makes the object empty: called when the bytes turn out to be damaged, so that no ring of objects that
///              own each other is left behind
COHORT_API std::size_t add_read(Source& source, std::shared_ptr<void> object, const void* type, void (*clear)(void*));
COHORT_API void complete_read(Source& source, std::size_t place, std::shared_ptr<void> object);

}  // namespace cohort::serial::detail
