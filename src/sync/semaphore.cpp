// SPDX-License-Identifier: MIT
#include <cohort/sync/semaphore.hpp>

#include <cohort/base/errors.hpp>

#include "sync/make_state.hpp"
#include "sync/semaphore_state.hpp"
#include "sync/this_caller.hpp"

#include <string>

namespace cohort {

using sync::SemaphoreState;
using sync::state_at;

static_assert(Semaphore::kMaxValue == SemaphoreState::kMaxValue);

namespace {

std::shared_ptr<shm::Object> make(std::ptrdiff_t value, std::ptrdiff_t bound) {
    if (value < 0) throw ValueError("semaphore initial value must be >= 0, not " + std::to_string(value));
    if (value > Semaphore::kMaxValue)
        throw ValueError("semaphore initial value must be <= " + std::to_string(Semaphore::kMaxValue) + ", not " +
                         std::to_string(value));
    return sync::make_state<SemaphoreState>(static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(bound));
}

void check(SemaphoreState::Released released) {
    switch (released) {
        case SemaphoreState::Released::yes:
            return;
        case SemaphoreState::Released::too_many:
            throw ValueError("semaphore or lock released too many times");
        case SemaphoreState::Released::not_held:
            throw ValueError(
                "this process holds no unit of the semaphore through a guard (lock, try_lock); release() gives back "
                "what acquire() took");
    }
}

}  // namespace

Semaphore::Semaphore(std::ptrdiff_t value) : Semaphore(value, kMaxValue) {}

Semaphore::Semaphore(std::ptrdiff_t value, std::ptrdiff_t bound) : SharedHandle(make(value, bound)) {}

bool Semaphore::take(Timeout timeout) {
    auto& state = state_at<SemaphoreState>(memory());
    return state.try_acquire() || state.acquire(sync::this_caller(), shm::until(timeout));
}

void Semaphore::release(std::ptrdiff_t n) {
    if (n < 1) throw ValueError("n must be one or more");
    if (n > kMaxValue) check(SemaphoreState::Released::too_many);
    check(state_at<SemaphoreState>(memory()).release(static_cast<std::uint32_t>(n)));
}

std::ptrdiff_t Semaphore::get_value() const {
    return state_at<SemaphoreState>(memory()).value();
}

void Semaphore::lock() {
    state_at<SemaphoreState>(memory()).acquire_held(sync::this_caller(), {});
}

bool Semaphore::try_lock() {
    return state_at<SemaphoreState>(memory()).acquire_held(sync::this_caller(), shm::until(std::chrono::seconds(0)));
}

void Semaphore::unlock() {
    check(state_at<SemaphoreState>(memory()).release_held(sync::this_caller()));
}

}  // namespace cohort
