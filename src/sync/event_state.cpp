// SPDX-License-Identifier: MIT
#include "sync/event_state.hpp"

#include "os/futex.hpp"

#include <algorithm>
#include <climits>

namespace cohort::sync {

void EventState::set() noexcept {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    // Written also if it is set already: what was done before this set() is seen by who finds the flag.
    std::uint32_t wanted;
    do wanted = (seen & kSet) != 0 ? seen : ((seen & ~kSleeper) + kOnce) | kSet;
    while (!word_.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel, std::memory_order_relaxed));
    if ((seen & kSleeper) != 0) os::futex_wake(word_, INT_MAX);
}

bool EventState::wait(const Caller& caller, Until until) {
    const std::uint32_t first = word_.load(std::memory_order_acquire);
    if ((first & kSet) != 0) return true;
    auto happened = [&] { return ((word_.load(std::memory_order_acquire) ^ first) & ~kSleeper) != 0; };
    for (;;) {
        if (until && std::chrono::steady_clock::now() >= *until) return happened();
        if (caller.spinner.spin(happened)) return true;
        std::uint32_t seen = first & ~kSleeper;
        if (!word_.compare_exchange_strong(seen, seen | kSleeper, std::memory_order_acq_rel) &&
            seen != (first | kSleeper))
            continue;
        os::futex_wait(word_, first | kSleeper, sleep_end(until));
    }
}

}  // namespace cohort::sync
