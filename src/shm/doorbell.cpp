// SPDX-License-Identifier: MIT
#include "shm/doorbell.hpp"

#include "os/futex.hpp"

#include <algorithm>
#include <array>
#include <climits>

namespace cohort::shm {

namespace {

os::FutexResult sleep_on(std::span<const Watch> words, os::FutexUntil until) {
    if (words.size() == 1) return os::futex_wait(*words[0].word, words[0].expected, until);
    std::array<os::FutexWaiter, Doorbell::kMostAtOnce> waiters;
    static_assert(Doorbell::kMostAtOnce <= os::kFutexWaitvMax);
    const std::size_t count = std::min(words.size(), waiters.size());
    std::transform(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count), waiters.begin(),
                   [](const Watch& watch) {
                       return os::FutexWaiter{watch.word, watch.expected};
                   });
    return os::futex_waitv(std::span(waiters).first(count), until).result;
}

}  // namespace

Doorbell::Ticket Doorbell::listen() noexcept {
    // Sequentially consistent: the announcement comes before the second look in the order that ringers see.
    const std::uint32_t before = word_.fetch_or(kSleeper, std::memory_order_seq_cst);
    full_fence();
    return {before | kSleeper};
}

Doorbell::Woken Doorbell::wait(Ticket ticket, Until until, std::span<const Watch> watched) const {
    const Watch own = watch(ticket);
    if (watched.empty()) return wait_any(std::span(&own, 1), until);
    std::array<Watch, kMostAtOnce> words;
    words[0] = own;
    const std::size_t more = std::min(watched.size(), kMostWatched);
    std::copy_n(watched.begin(), more, words.begin() + 1);
    return wait_any(std::span(words).first(more + 1), until);
}

Doorbell::Woken Doorbell::wait_any(std::span<const Watch> words, Until until) {
    const auto period_end = std::chrono::steady_clock::now() + kPeriod;
    const bool last = until && *until <= period_end;
    const auto result = sleep_on(words, last ? *until : period_end);
    if (result == os::FutexResult::interrupted) return Woken::interrupted;
    return result == os::FutexResult::timed_out && last ? Woken::timed_out : Woken::look;
}

void Doorbell::wake() noexcept {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    // Whoever takes the bit away wakes for all: a ringer that finds it gone after its change has nothing left to do.
    while ((seen & kSleeper) != 0)
        if (word_.compare_exchange_weak(seen, (seen & ~kSleeper) + kRing, std::memory_order_acq_rel,
                                        std::memory_order_relaxed)) {
            os::futex_wake(word_, INT_MAX);
            return;
        }
}

}  // namespace cohort::shm
