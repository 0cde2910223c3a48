// SPDX-License-Identifier: MIT
#include <cohort/sync/condition.hpp>

#include <cohort/base/errors.hpp>

#include "sync/condition_state.hpp"
#include "sync/lock_state.hpp"
#include "sync/make_state.hpp"
#include "sync/rlock_state.hpp"
#include "sync/this_caller.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace cohort {

using sync::ConditionState;
using sync::state_at;

namespace {

std::byte* memory_of(const shm::SharedHandle& handle) {
    if (!handle.object()) throw ValueError("the handle was moved from: it has no object any more");
    return handle.object()->data();
}

/// Calls with the state of the lock, of whichever kind it is.
template <class Call>
auto with_lock(const std::variant<RLock, Lock>& lock, Call call) {
    if (const auto* recursive = std::get_if<RLock>(&lock))
        return call(state_at<sync::RLockState>(memory_of(*recursive)));
    return call(state_at<sync::LockState>(memory_of(std::get<Lock>(lock))));
}

}  // namespace

Condition::Condition(RLock lock) : Condition(sync::make_state<ConditionState>(), std::move(lock)) {}

Condition::Condition(Lock lock) : Condition(sync::make_state<ConditionState>(), std::move(lock)) {}

Condition::Condition(std::shared_ptr<shm::Object> object, std::variant<RLock, Lock> lock)
    : SharedHandle(std::move(object)), lock_(std::move(lock)) {}

bool Condition::wait(Timeout timeout) {
    auto& state = state_at<ConditionState>(memory());
    const auto end = shm::until(timeout);
    const auto waited = with_lock(lock_, [&](auto& lock) { return state.wait(sync::this_caller(), lock, end); });
    switch (waited) {
        case ConditionState::Waited::not_held:
            throw ValueError("must acquire() condition before using wait()");
        case ConditionState::Waited::no_room:
            throw Error("a condition has room for " + std::to_string(ConditionState::kCells) +
                        " that wait, and they wait already");
        default:
            return waited == ConditionState::Waited::notified;
    }
}

void Condition::notify(std::ptrdiff_t n) {
    if (n < 0) throw ValueError("cannot notify " + std::to_string(n) + " of those who wait");
    notify_some(static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(n, ConditionState::kCells)));
}

void Condition::notify_all() {
    notify_some(ConditionState::kAll);
}

void Condition::notify_some(std::uint32_t n) {
    auto& state = state_at<ConditionState>(memory());
    const auto notified = with_lock(lock_, [&](auto& lock) { return state.notify(sync::this_caller(), lock, n); });
    if (!notified) throw ValueError("must acquire() condition before using notify()");
}

bool Condition::take(Timeout timeout) {
    return std::visit([&](auto& lock) { return lock.acquire(timeout); }, lock_);
}

void Condition::release() {
    std::visit([](auto& lock) { lock.release(); }, lock_);
}

bool Condition::abandoned() const {
    return std::visit([](const auto& lock) { return lock.abandoned(); }, lock_);
}

}  // namespace cohort
