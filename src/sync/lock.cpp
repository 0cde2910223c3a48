// SPDX-License-Identifier: MIT
#include <cohort/sync/lock.hpp>

#include <cohort/base/errors.hpp>

#include "shm/tree.hpp"
#include "sync/lock_state.hpp"
#include "sync/make_state.hpp"
#include "sync/rlock_state.hpp"
#include "sync/this_caller.hpp"

namespace cohort {

using sync::LockState;
using sync::RLockState;
using sync::state_at;

Lock::Lock() : SharedHandle(sync::make_state<LockState>()) {}

bool Lock::take(Timeout timeout) {
    auto& state = state_at<LockState>(memory());
    if (state.try_acquire(shm::this_process())) return true;
    return state.acquire(sync::this_caller(), shm::until(timeout)) != sync::Acquired::no;
}

void Lock::release() {
    if (!state_at<LockState>(memory()).release()) throw ValueError("semaphore or lock released too many times");
}

bool Lock::locked() const {
    return state_at<LockState>(memory()).locked();
}

bool Lock::abandoned() const {
    return state_at<LockState>(memory()).abandoned();
}

RLock::RLock() : SharedHandle(sync::make_state<RLockState>()) {}

bool RLock::take(Timeout timeout) {
    auto& state = state_at<RLockState>(memory());
    if (state.try_acquire(shm::this_process(), sync::this_thread())) return true;
    return state.acquire(sync::this_caller(), shm::until(timeout)) != sync::Acquired::no;
}

void RLock::release() {
    auto& state = state_at<RLockState>(memory());
    if (!state.release(shm::this_process(), sync::this_thread()))
        throw ValueError("attempt to release recursive lock not owned by thread");
}

bool RLock::locked() const {
    return state_at<RLockState>(memory()).locked();
}

bool RLock::abandoned() const {
    return state_at<RLockState>(memory()).abandoned();
}

}  // namespace cohort
