// SPDX-License-Identifier: MIT
#include "shm/doorbell.hpp"

#include "os/futex.hpp"

#include <algorithm>
#include <array>
#include <climits>

namespace cohort::shm {

namespace {

os::FutexResult sleep_on(const os::FutexWaiter& own, std::span<const Watch> watched, os::FutexUntil until) {
    if (watched.empty()) return os::futex_wait(*own.word, own.expected, until);
    std::array<os::FutexWaiter, Doorbell::kMostWatched + 1> words;
    words[0] = own;
    const std::size_t more = std::min(watched.size(), Doorbell::kMostWatched);
    for (std::size_t i = 0; i != more; ++i) words[i + 1] = {watched[i].word, watched[i].expected};
    return os::futex_waitv(std::span(words).first(more + 1), until).result;
}

}  // namespace

Doorbell::Ticket Doorbell::listen() noexcept {
    // Sequentially consistent: the announcement comes before the second look in the order that ringers see.
    const std::uint32_t before = word_.fetch_or(kSleeper, std::memory_order_seq_cst);
    full_fence();
    return {before | kSleeper};
}

Doorbell::Woken Doorbell::wait(Ticket ticket, Until until, std::span<const Watch> watched) const {
    const auto period_end = std::chrono::steady_clock::now() + kPeriod;
    const bool last = until && *until <= period_end;
    const auto result = sleep_on({&word_, ticket.value}, watched, last ? *until : period_end);
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
