// SPDX-License-Identifier: MIT
#include "sync/rlock_state.hpp"

namespace cohort::sync {

Acquired RLockState::acquire(const Caller& caller, Until until) {
    if (try_acquire(caller.process, caller.thread)) return Acquired::yes;
    const Acquired got = lock_.acquire(caller, until);
    if (got != Acquired::no) own(name_of(caller.process, caller.thread), 1);
    return got;
}

std::uint32_t RLockState::release_all(const Caller& caller) noexcept {
    if (!is_held_by(caller)) return 0;
    const std::uint32_t depth = depth_.load(std::memory_order_relaxed);
    disown();
    return depth;
}

bool RLockState::acquire_again(const Caller& caller, std::uint32_t depth) {
    if (depth == 0) return true;
    if (!lock_.acquire_again(caller, depth)) return false;
    own(name_of(caller.process, caller.thread), depth);
    return true;
}

}  // namespace cohort::sync
