// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cohort::os {

/// Why a wait on a futex word ended.
enum class FutexResult {
    woken,        ///< somebody called futex_wake (or nobody did: the kernel may wake by mistake)
    changed,      ///< the word did not have the expected value
    timed_out,    ///< the moment has come
    interrupted,  ///< a signal handler ran
};

using FutexWord = std::atomic<std::uint32_t>;
using FutexUntil = std::optional<std::chrono::steady_clock::time_point>;

/// Sleeps while the word, which may lie in memory that processes share, has the expected value.
/// @param until the end of the wait; empty: no end
/// @throws std::system_error when the word is not in memory
FutexResult futex_wait(const FutexWord& word, std::uint32_t expected, FutexUntil until);

/// Wakes at most `count` sleepers of any process.
/// @return how many were woken
int futex_wake(const FutexWord& word, int count) noexcept;

/// One word of a futex_waitv.
struct FutexWaiter {
    const FutexWord* word = nullptr;
    std::uint32_t expected = 0;
};

/// Why a futex_waitv ended, and by which word.
struct FutexWaitvResult {
    FutexResult result = FutexResult::woken;
    std::size_t index = 0;  ///< when woken or changed: a word that did it
};

/// The most words a futex_waitv takes.
inline constexpr std::size_t kFutexWaitvMax = 128;

/// Sleeps while all words have their expected values. Where the system call is missing or not allowed, sleeps on the
/// first word, and looks at the others again every 2 ms: a wake of theirs that does not change the value is not seen.
/// @param waiters 1 to kFutexWaitvMax words
FutexWaitvResult futex_waitv(std::span<const FutexWaiter> waiters, FutexUntil until);

/// Whether this process may call futex_waitv (Linux 5.16).
bool futex_waitv_available() noexcept;

}  // namespace cohort::os
