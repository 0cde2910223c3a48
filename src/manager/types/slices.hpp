// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include "manager/types/methods.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// How Python's sequences are indexed.
namespace cohort::manager {

/// A slice, for a sequence of a known length.
struct SliceRange {
    std::int64_t start = 0;
    std::int64_t stop = 0;
    std::int64_t step = 1;
    std::size_t count = 0;

    std::size_t at(std::size_t nth) const noexcept {
        return static_cast<std::size_t>(start + static_cast<std::int64_t>(nth) * step);
    }
};

/// @throws PythonError  the step is zero, or a part is no int
SliceRange slice_range(const Object& slice, std::size_t length);

inline bool is_int(const Object& object) noexcept {
    return object.is(Object::Kind::integer) || object.is(Object::Kind::boolean);
}

/// An int of any size, as Python takes it for an index or a count: one that 64 bits do not hold is the nearest that
/// they do. @throws PythonError  TypeError
std::int64_t clamped_int(const Object& object);

/// The place of an index that counts from the end if it is negative; nothing beyond the ends.
std::optional<std::size_t> place_of(std::int64_t index, std::size_t length) noexcept;

/// How index() and insert() take an index: stops at the ends.
std::size_t clamped_place(std::int64_t index, std::size_t length) noexcept;

/// The elements that a slice names.
template <class Sequence>
Sequence take_slice(const Sequence& from, const Object& slice) {
    const SliceRange range = slice_range(slice, from.size());
    Sequence result;
    result.reserve(range.count);
    for (std::size_t i = 0; i < range.count; ++i) result.push_back(from[range.at(i)]);
    return result;
}

/// `elements[slice] = values`. @param type  as `sequence` or `extended slice` in errors
void assign_slice(std::vector<Object>& elements, const Object& slice, std::vector<Object> values);

/// `del elements[slice]`
void delete_slice(std::vector<Object>& elements, const Object& slice);

/// The elements that one call may make of nothing: the numbers of a range, repetitions. So a short request takes no
/// more memory than the longest. Fuzzing lowers it.
inline std::size_t most_elements_made = std::size_t{1} << 26;
/// @throws PythonError  MemoryError: there would be more of them
void check_elements_made(std::size_t count);

/// What Python's iteration over a value gives; of an object of this server, its elements.
/// @throws PythonError  TypeError: it cannot be iterated
std::vector<Object> iterate(const Object& iterable);

/// A proxy of this server's own: its object's value, otherwise the value itself.
Object resolve(const Object& value);

}  // namespace cohort::manager
