// SPDX-License-Identifier: MIT
#include "sync/deferred_wakes.hpp"

namespace cohort::sync {

constinit thread_local DeferredWakes deferred_wakes;

void DeferredWakes::wake(const void* lock) noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i != count_; ++i) {
        if (wakes_[i].lock == lock)
            os::futex_wake(*wakes_[i].futex, 1);
        else
            wakes_[kept++] = wakes_[i];
    }
    count_ = kept;
}

}  // namespace cohort::sync
