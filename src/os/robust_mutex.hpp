// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <optional>

namespace cohort::os {

/// A mutex in shared memory that the kernel gives to the next taker when its holder dies. Used inside cohort only, for
/// short work, and as the life lock of a process; users' locks are not made of it.
///
/// Thread safety: all functions but format().
/// FORK: a child does not hold what its parent holds.
/// DEATH: the next lock() returns Taken::from_the_dead; what the mutex guards must then be put right before unlock().
class RobustMutex {
public:
    enum class Taken { normally, from_the_dead };

    /// Makes it free. Nobody may hold it, or the holder is dead.
    void format() noexcept;
    /// Blocks until it is the caller's.
    Taken lock() noexcept;
    /// The same, but no longer than this. @returns nothing if the time was up first
    std::optional<Taken> lock(const Deadline& deadline) noexcept;
    void unlock() noexcept;

    /// The word that the kernel marks: the holder's thread id, kDiedBit and kWaitersBit.
    std::atomic<std::uint32_t>& word() noexcept;
    const std::atomic<std::uint32_t>& word() const noexcept { return const_cast<RobustMutex*>(this)->word(); }
    static constexpr std::uint32_t kDiedBit = 0x40000000;     ///< FUTEX_OWNER_DIED
    static constexpr std::uint32_t kWaitersBit = 0x80000000;  ///< FUTEX_WAITERS: the kernel wakes one sleeper on death
    static constexpr std::uint32_t kThreadMask = 0x3fffffff;  ///< FUTEX_TID_MASK

private:
    Taken taken(int error) noexcept;
    void spin() noexcept;

    pthread_mutex_t mutex_;
};

}  // namespace cohort::os
