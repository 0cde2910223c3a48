// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/sync/shared_data.hpp>

#include <atomic>
#include <concepts>
#include <cstring>
#include <mutex>
#include <new>

namespace cohort {

/// A value in shared memory without a lock, as `multiprocessing.sharedctypes.RawValue`. A copy of the handle is the
/// same value, here and in other processes.
///
/// @tparam T  trivially copyable, without pointers; checked where it is compiled
///
/// Thread safety: the atomic operations; everything else as memory.
/// FORK: the child shares the value. DEATH: of one that writes through a reference: what it had written stays.
template <class T>
class RawValue : public sync::SharedData {
public:
    using value_type = T;

    /// @param value  what it is at first
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    explicit RawValue(const T& value) : SharedData(kCopies, sizeof(T), alignof(T)) {
        sync::require_shareable<T>();
        new (items()) T(value);
    }
    /// Zero, or what T() is.
    RawValue() : RawValue(T()) {}
    /// The value that a message named; for codecs.
    using SharedData::SharedData;

    /// The value itself. After a set_value() of a type that is not atomic it is another object.
    T& operator*() const { return *std::launder(reinterpret_cast<T*>(items()) + valid()); }
    T* operator->() const { return &**this; }

    /// What it is now: never half of one that a set_value() of 8 bytes or less was setting.
    T value() const {
        if constexpr (kAtomic)
            return atomic().load();
        else
            return **this;
    }
    /// Sets it. Killed inside, it is the old one or the new one.
    void set_value(const T& value) const {
        if constexpr (kAtomic) {
            atomic().store(value);
        } else {
            const std::size_t other = 1 - valid();
            std::memcpy(items() + other * sizeof(T), &value, sizeof(T));
            set_valid_copy(other);
        }
    }

    /// Atomic, without a lock. Returns what it was before.
    T fetch_add(T by) const requires(std::integral<T> || std::floating_point<T>) { return atomic().fetch_add(by); }
    /// As that of std::atomic.
    T fetch_sub(T by) const requires(std::integral<T> || std::floating_point<T>) { return atomic().fetch_sub(by); }
    /// As that of std::atomic.
    T fetch_and(T with) const requires std::integral<T> { return atomic().fetch_and(with); }
    /// As that of std::atomic.
    T fetch_or(T with) const requires std::integral<T> { return atomic().fetch_or(with); }
    /// As that of std::atomic.
    T fetch_xor(T with) const requires std::integral<T> { return atomic().fetch_xor(with); }
    /// As that of std::atomic.
    T exchange(T value) const requires(sizeof(T) <= 8) { return atomic().exchange(value); }
    /// Sets `desired` if it is `expected`, which becomes what it was otherwise.
    bool compare_exchange(T& expected, T desired) const requires(sizeof(T) <= 8) {
        return atomic().compare_exchange_strong(expected, desired);
    }

protected:
    /// Whether the machine writes a value in one step.
    static constexpr bool kAtomic = sizeof(T) <= 8 && (sizeof(T) & (sizeof(T) - 1)) == 0 && alignof(T) == sizeof(T);
    /// One, or two of which one counts.
    static constexpr std::ptrdiff_t kCopies = kAtomic ? 1 : 2;

    /// Which copy counts.
    std::size_t valid() const {
        if constexpr (kAtomic)
            return 0;
        else
            return valid_copy();
    }
    /// For the atomic operations.
    std::atomic_ref<T> atomic() const {
        static_assert(kAtomic, "only types of 1, 2, 4 or 8 bytes with that alignment are atomic");
        return std::atomic_ref<T>(*std::launder(reinterpret_cast<T*>(items())));
    }
};

/// A value in shared memory with a lock, as `multiprocessing.Value`: `{ std::scoped_lock guard(count); ++*count; }`.
///
/// Thread safety: value(), set_value() (under the lock) and the atomic operations are safe, also between processes.
/// FORK: the child shares the value. DEATH: of the lock's holder: the lock is abandoned, and the value what it was
/// then; set_value() leaves the old one or the new one.
template <class T>
class Value : public sync::Locked<RawValue<T>> {
public:
    /// @param value  what it is at first
    explicit Value(const T& value) : sync::Locked<RawValue<T>>(value) {}
    /// With a lock that others may use, too.
    Value(const T& value, const RLock& lock) : sync::Locked<RawValue<T>>(RawValue<T>(value), lock) {}
    /// Zero, or what T() is.
    Value() : Value(T()) {}
    /// The value and the lock that a message named; for codecs.
    Value(std::shared_ptr<shm::Object> object, std::shared_ptr<shm::Object> lock)
        : sync::Locked<RawValue<T>>(RawValue<T>(std::move(object)), RLock(std::move(lock))) {}

    /// Waits for the lock, unless this thread holds it.
    T value() const {
        std::scoped_lock guard(*this);
        return RawValue<T>::value();
    }
    /// Replaces the value, under the lock.
    void set_value(const T& value) const {
        std::scoped_lock guard(*this);
        RawValue<T>::set_value(value);
    }
};

}  // namespace cohort
