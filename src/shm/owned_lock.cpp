// SPDX-License-Identifier: MIT
#include "shm/owned_lock.hpp"

#include "os/futex.hpp"
#include "shm/roster.hpp"

#include <algorithm>
#include <array>

namespace cohort::shm {

namespace {

using Clock = std::chrono::steady_clock;

// A holder whose life cannot be watched is about to end, or about to enter the roster.
constexpr std::chrono::milliseconds kUnwatched{1};

// Sleeps while the word has this value and its holder lives, at most one period.
os::FutexResult sleep_on(const std::atomic<std::uint32_t>& word, std::uint32_t value,
                         const std::optional<Watch>& holder, Clock::time_point now, OwnedLock::Until until) {
    auto end = now + (holder ? OwnedLock::kPeriod : kUnwatched);
    if (until) end = std::min(end, *until);
    if (!holder) return os::futex_wait(word, value, end);
    const std::array<os::FutexWaiter, 2> words{{{&word, value}, {holder->word, holder->expected}}};
    return os::futex_waitv(words, end).result;
}

}  // namespace

OwnedLock::Acquired OwnedLock::acquire_slowly(Owner me, const Roster& roster, Until until, Spinner& spinner) {
    std::uint32_t mine = me.raw();
    auto give_up = [&](Acquired why) {
        if (mine != me.raw()) pass_wake_on();
        return why;
    };
    for (;;) {
        std::uint32_t seen = word_.load(std::memory_order_relaxed);
        const Owner holder = Owner::from_raw(seen & ~kSleeper);
        if (holder.is_nobody()) {
            if (word_.compare_exchange_weak(seen, mine | (seen & kSleeper), std::memory_order_acquire,
                                            std::memory_order_relaxed))
                return Acquired::yes;
            continue;
        }
        if (roster.is_dead(holder)) {
            // Others may have slept with this one in view.
            if (!word_.compare_exchange_strong(seen, mine | kSleeper, std::memory_order_acquire,
                                               std::memory_order_relaxed))
                continue;
            abandoned_.store(1, std::memory_order_release);
            return Acquired::abandoned;
        }
        if (until && *until <= Clock::time_point()) return give_up(Acquired::no);
        if (spinner.spin([&] { return (word_.load(std::memory_order_relaxed) & ~kSleeper) == kFree; })) continue;
        const auto now = Clock::now();
        if (until && now >= *until) return give_up(Acquired::no);
        if ((seen & kSleeper) == 0 && !word_.compare_exchange_strong(seen, seen | kSleeper, std::memory_order_relaxed))
            continue;
        mine = me.raw() | kSleeper;
        const auto result = sleep_on(word_, seen | kSleeper, roster.watch(holder), now, until);
        if (result == os::FutexResult::interrupted) return give_up(Acquired::interrupted);
    }
}

void OwnedLock::wake_one() noexcept {
    os::futex_wake(word_, 1);
}

// The wake that this thread had may have been for all who sleep.
void OwnedLock::pass_wake_on() noexcept {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    while ((seen & kSleeper) == 0) {
        if (seen == kFree) return wake_one();
        if (word_.compare_exchange_weak(seen, seen | kSleeper, std::memory_order_relaxed)) return;
    }
}

}  // namespace cohort::shm
