// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/pointer_free.hpp>
#include <cohort/shm/shared_handle.hpp>
#include <cohort/sync/lock.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace cohort::sync {

/// Refuses types that mean something in one process only, where the user reads it.
template <class T>
constexpr void require_shareable() {
    static_assert(std::is_trivially_copyable_v<T>,
                  "a Value or Array holds trivially copyable types only: numbers, enumerations, and structs and "
                  "std::arrays of them. Send other types through a cohort::Queue or a cohort::Pipe");
    static_assert(!std::is_trivially_copyable_v<T> || cohort::detail::is_pointer_free<T>(),
                  "a Value or Array holds no pointers, references or unions: they mean nothing in another process");
}

/// Items of one type in shared memory, with a lock: what Value and Array are made of.
class COHORT_API SharedData : public shm::SharedHandle {
public:
    /// The items that a message named; for codecs.
    explicit SharedData(std::shared_ptr<shm::Object> object);
    SharedData(const SharedData&) = default;
    SharedData& operator=(const SharedData&) = default;
    SharedData(SharedData&& other) noexcept
        : SharedHandle(static_cast<SharedHandle&&>(other)), items_(std::exchange(other.items_, nullptr)) {}
    SharedData& operator=(SharedData&& other) noexcept {
        items_ = std::exchange(other.items_, nullptr);
        SharedHandle::operator=(std::move(other));
        return *this;
    }

    friend bool operator==(const SharedData& a, const SharedData& b) noexcept { return a.items_ == b.items_; }

protected:
    /// New items, zero.
    /// @throws ValueError  a negative count
    /// @throws std::bad_alloc, std::system_error  there is no memory for them
    SharedData(std::ptrdiff_t count, std::size_t item_bytes, std::size_t alignment);

    /// @throws ValueError  the handle was moved from
    std::byte* items() const {
        if (!items_) [[unlikely]]
            fail_moved();
        return items_;
    }
    /// How many elements.
    std::size_t count() const;

    /// Of the copies of a large Value, the one that is valid.
    std::size_t valid_copy() const;
    /// Which of the two copies counts from now on.
    void set_valid_copy(std::size_t copy) const;

private:
    [[noreturn]] static void fail_moved();

    std::byte* items_;
};

/// Adds the lock that belongs to the items: what Value and Array have beyond RawValue and RawArray.
template <class Raw>
class Locked : public Raw {
public:
    /// The data, with a lock of its own.
    template <class... Args>
    requires std::is_constructible_v<Raw, Args...>
    explicit Locked(Args&&... args) : Raw(std::forward<Args>(args)...), lock_(this->object()) {}
    /// With a lock that others may use, too.
    Locked(Raw raw, RLock lock) : Raw(std::move(raw)), lock_(std::move(lock)) {}

    /// The lock that lock(), try_lock() and unlock() take.
    RLock& get_lock() const noexcept { return lock_; }
    void lock() const { lock_.lock(); }
    bool try_lock() const { return lock_.try_lock(); }
    void unlock() const { lock_.unlock(); }

private:
    mutable RLock lock_;
};

}  // namespace cohort::sync
