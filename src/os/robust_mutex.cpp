// SPDX-License-Identifier: MIT
#include "os/robust_mutex.hpp"

#include "os/relax.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <thread>

namespace cohort::os {

// glibc keeps the futex word first on every Linux architecture; the kernel's robust list needs it at a fixed place too.
static_assert(offsetof(pthread_mutex_t, __data.__lock) == 0);

void RobustMutex::format() noexcept {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&mutex_, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

// What it guards is mostly done in less than a microsecond, a sleep costs fifty.
void RobustMutex::spin() noexcept {
    constexpr int kMost = 100;
    for (int i = 0; i != kMost; ++i) {
        if ((word().load(std::memory_order_relaxed) & kThreadMask) == 0) return;
        relax();
    }
}

RobustMutex::Taken RobustMutex::lock() noexcept {
    spin();
    return taken(pthread_mutex_lock(&mutex_));
}

// The C library can wait with a limit, but thread sanitizers do not know its function that goes by this clock.
std::optional<RobustMutex::Taken> RobustMutex::lock(const Deadline& deadline) noexcept {
    if (deadline.is_forever()) return lock();
    constexpr std::chrono::microseconds kLongest(500);
    if (!deadline.passed()) spin();
    for (std::chrono::microseconds pause(1);; pause = std::min(2 * pause, kLongest)) {
        const int error = pthread_mutex_trylock(&mutex_);
        if (error != EBUSY) return taken(error);
        if (deadline.passed()) return std::nullopt;
        std::this_thread::sleep_for(pause);
    }
}

RobustMutex::Taken RobustMutex::taken(int error) noexcept {
    if (error == 0) return Taken::normally;
    // Anything else is damaged memory or a formatting that never happened: no caller could go on.
    if (error != EOWNERDEAD) std::abort();
    pthread_mutex_consistent(&mutex_);
    return Taken::from_the_dead;
}

void RobustMutex::unlock() noexcept {
    pthread_mutex_unlock(&mutex_);
}

std::atomic<std::uint32_t>& RobustMutex::word() noexcept {
    return *reinterpret_cast<std::atomic<std::uint32_t>*>(&mutex_.__data.__lock);
}

}  // namespace cohort::os
