// SPDX-License-Identifier: MIT
#include "sync/rlock_state.hpp"

namespace cohort::sync {

// Only the holder reads what it wrote here, and others compare it with themselves: no order is needed.

void RLockState::own(const Caller& caller, std::uint32_t depth) noexcept {
    depth_.store(depth, std::memory_order_relaxed);
    holder_.store(name_of(caller), std::memory_order_relaxed);
}

void RLockState::disown() noexcept {
    depth_.store(0, std::memory_order_relaxed);
    holder_.store(0, std::memory_order_relaxed);
    lock_.release();
}

Acquired RLockState::acquire(const Caller& caller, Until until) {
    if (is_held_by(caller)) {
        depth_.store(depth_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return Acquired::yes;
    }
    const Acquired got = lock_.acquire(caller, until);
    if (got != Acquired::no) own(caller, 1);
    return got;
}

bool RLockState::release(const Caller& caller) noexcept {
    if (!is_held_by(caller)) return false;
    const std::uint32_t depth = depth_.load(std::memory_order_relaxed);
    if (depth > 1) {
        depth_.store(depth - 1, std::memory_order_relaxed);
    } else {
        disown();
    }
    return true;
}

std::uint32_t RLockState::release_all(const Caller& caller) noexcept {
    if (!is_held_by(caller)) return 0;
    const std::uint32_t depth = depth_.load(std::memory_order_relaxed);
    disown();
    return depth;
}

void RLockState::acquire_again(const Caller& caller, std::uint32_t depth) {
    if (depth == 0) return;
    lock_.acquire(caller, {});
    own(caller, depth);
}

}  // namespace cohort::sync
