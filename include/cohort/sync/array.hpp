// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/sync/shared_data.hpp>

#include <algorithm>
#include <initializer_list>
#include <new>
#include <span>
#include <stdexcept>
#include <string>

namespace cohort {

/// Items in shared memory without a lock, as `multiprocessing.sharedctypes.RawArray`: a contiguous range of fixed size.
/// A copy of the handle is the same array, here and in other processes.
///
/// @tparam T  trivially copyable, without pointers; checked where it is compiled
///
/// Thread safety: as memory. FORK: the child shares the array.
/// DEATH: of one that writes: what it had written stays.
template <class T>
class RawArray : public sync::SharedData {
public:
    using value_type = T;
    using iterator = T*;

    /// So many items, zero.
    /// @throws ValueError  a negative size
    /// @throws std::bad_alloc, std::system_error  there is no memory for them
    explicit RawArray(std::ptrdiff_t size) : SharedData(size, sizeof(T), alignof(T)) { sync::require_shareable<T>(); }
    /// Copies of these items.
    explicit RawArray(std::span<const T> items) : RawArray(static_cast<std::ptrdiff_t>(items.size())) {
        std::copy(items.begin(), items.end(), begin());
    }
    /// With copies of these items.
    RawArray(std::initializer_list<T> items) : RawArray(std::span<const T>(items.begin(), items.size())) {}
    /// The array that a message named; for codecs.
    using SharedData::SharedData;

    std::size_t size() const { return count(); }
    bool empty() const { return size() == 0; }
    /// The first item; they follow each other.
    T* data() const { return std::launder(reinterpret_cast<T*>(items())); }
    /// All items; valid while a handle lives.
    std::span<T> span() const { return {data(), size()}; }
    T* begin() const { return data(); }
    T* end() const { return data() + size(); }

    /// REQUIRES: index < size().
    T& operator[](std::size_t index) const { return data()[index]; }
    /// @throws std::out_of_range  there is no such item
    T& at(std::size_t index) const {
        if (index >= size())
            throw std::out_of_range("cohort::Array: index " + std::to_string(index) + " in an array of " +
                                    std::to_string(size()));
        return data()[index];
    }
};

/// Items in shared memory with a lock, as `multiprocessing.Array`.
///
/// Thread safety: as memory; use the lock. FORK: the child shares the array.
/// DEATH: of the lock's holder: the lock is abandoned, and the items are what they were then.
template <class T>
class Array : public sync::Locked<RawArray<T>> {
    using Base = sync::Locked<RawArray<T>>;

public:
    /// So many zeros.
    explicit Array(std::ptrdiff_t size) : Base(size) {}
    /// Copies of these items.
    explicit Array(std::span<const T> items) : Base(items) {}
    /// Copies of these items.
    Array(std::initializer_list<T> items) : Base(items) {}
    /// With a lock that others may use, too.
    Array(std::ptrdiff_t size, const RLock& lock) : Base(RawArray<T>(size), lock) {}
    /// Copies of these items, with a lock that others may use, too.
    Array(std::span<const T> items, const RLock& lock) : Base(RawArray<T>(items), lock) {}
    /// Copies of these items, with a lock that others may use, too.
    Array(std::initializer_list<T> items, const RLock& lock) : Base(RawArray<T>(items), lock) {}
    /// The array and the lock that a message named; for codecs.
    Array(std::shared_ptr<shm::Object> object, std::shared_ptr<shm::Object> lock)
        : Base(RawArray<T>(std::move(object)), RLock(std::move(lock))) {}
};

}  // namespace cohort
