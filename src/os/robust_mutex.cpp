// SPDX-License-Identifier: MIT
#include "os/robust_mutex.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib>

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

RobustMutex::Taken RobustMutex::lock() noexcept {
    int error = pthread_mutex_lock(&mutex_);
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
