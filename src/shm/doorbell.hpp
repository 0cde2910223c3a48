// SPDX-License-Identifier: MIT
#pragma once

#include "shm/fence.hpp"
#include "shm/watch.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace cohort::shm {

/// Puts processes to sleep until another one says that something may have changed: one futex word in shared memory for
/// one direction of a queue. To ring it while nobody sleeps is a fence and a load.
///
///   the sleeper                                     the ringer
///     again: look; found: done                        change what is looked at
///     ticket = listen(); look again; found: done      ring()
///     wait(ticket, …); go to again
///
/// Who waits for several listens at each of them, looks again at all, and sleeps in wait_any().
///
/// The word: bit 0 says that somebody sleeps, bits 1 to 31 count the rings that had to wake.
///
/// Invariants
///  1. A sleeper waits on the value that its listen() left, with bit 0 set, and has looked after that.
///  2. A ringer that finds bit 0 replaces the word by (count + 1, 0) and wakes all: no value with bit 0 is waited on
///     after it was replaced, so a wake between the second look and the sleep is not lost.
///  3. Change → look at bit 0 (ringer) and set bit 0 → look (sleeper) are each ordered by a sequentially consistent
///     fence: one of the two sees the other.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child.
/// DEATH: a ringer that dies between the replacement and the wake costs the sleepers the rest of one period (kPeriod);
/// a sleeper that dies or leaves by itself costs the next ringer one wake in vain.
class Doorbell {
public:
    /// No sleep is longer, so that a wake whose sender did not live to send it costs one period.
    static constexpr std::chrono::milliseconds kPeriod{100};
    /// The most words that one sleep can watch, and how many of them beside a doorbell.
    static constexpr std::size_t kMostAtOnce = 128;
    static constexpr std::size_t kMostWatched = kMostAtOnce - 1;

    using Until = std::optional<std::chrono::steady_clock::time_point>;
    struct Ticket {
        std::uint32_t value;
    };
    enum class Woken {
        look,         ///< rung, a watched word moved, or a period went by: look again
        timed_out,    ///< the moment `until` has come
        interrupted,  ///< a signal handler ran in this thread
    };

    /// Announces a sleeper. After it, look once more before wait().
    Ticket listen() noexcept;
    /// Sleeps until rung since listen(), until a word in `watched` moves, until `until`, at most one kPeriod.
    /// @param watched at most kMostWatched words, usually the life locks of those who are to ring
    /// @throws std::system_error if a word is not in memory
    Woken wait(Ticket ticket, Until until, std::span<const Watch> watched) const;
    Woken wait(Ticket ticket, Until until = {}) const { return wait(ticket, until, std::span<const Watch>()); }

    /// The doorbell as a word for wait_any(), or to be watched beside another one.
    Watch watch(Ticket ticket) const noexcept { return {&word_, ticket.value}; }
    /// Sleeps as wait() does, until one of the words is rung or moves.
    /// @param words  1 to kMostAtOnce
    /// @throws std::system_error if a word is not in memory
    static Woken wait_any(std::span<const Watch> words, Until until);

    /// Wakes all sleepers, if there are any. Call it after the change. No system call while nobody sleeps.
    void ring() noexcept {
        if ((look() & kSleeper) != 0) wake();
    }

    /// Whether somebody has announced to sleep; without a fence: a hint.
    bool has_sleepers() const noexcept { return (word_.load(std::memory_order_relaxed) & kSleeper) != 0; }

private:
    static constexpr std::uint32_t kSleeper = 1;
    static constexpr std::uint32_t kRing = 2;

    // Full fence, then load: invariant 3. ThreadSanitizer does not know fences, but read-modify-writes.
    std::uint32_t look() noexcept {
#if defined(__SANITIZE_THREAD__)
        return word_.fetch_add(0, std::memory_order_seq_cst);
#else
        full_fence();
        return word_.load(std::memory_order_relaxed);
#endif
    }
    void wake() noexcept;

    std::atomic<std::uint32_t> word_{0};
    static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
};

}  // namespace cohort::shm
