// SPDX-License-Identifier: MIT
#include "os/futex.hpp"

#include "os/clock.hpp"
#include "os/system_call.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <string>

namespace cohort::os {

namespace {

#ifndef SYS_futex_waitv
constexpr long SYS_futex_waitv = 449;
#endif
constexpr std::uint32_t kFutex32 = 2;

/// `struct futex_waitv`, which headers before Linux 5.16 do not have.
struct KernelWaiter {
    std::uint64_t value;
    std::uint64_t address;
    std::uint32_t flags;
    std::uint32_t reserved;
};

using Steady = std::chrono::steady_clock;

timespec moment(Steady::time_point until) noexcept {
    return to_timespec(until.time_since_epoch());
}

const std::uint32_t* address(const FutexWord& word) noexcept {
    return reinterpret_cast<const std::uint32_t*>(&word);
}

FutexResult reason(int error, const char* call) {
    switch (error) {
        case EAGAIN:
            return FutexResult::changed;
        case ETIMEDOUT:
            return FutexResult::timed_out;
        case EINTR:
            return FutexResult::interrupted;
        default:
            throw_error(error, call);
    }
}

/// The first word that does not have its expected value, or the number of words.
std::size_t first_changed(std::span<const FutexWaiter> waiters) noexcept {
    auto changed = [](const FutexWaiter& waiter) { return waiter.word->load() != waiter.expected; };
    return static_cast<std::size_t>(std::find_if(waiters.begin(), waiters.end(), changed) - waiters.begin());
}

FutexWaitvResult wait_in_turns(std::span<const FutexWaiter> waiters, FutexUntil until) {
    constexpr std::chrono::milliseconds turn(2);
    for (;;) {
        if (std::size_t index = first_changed(waiters); index < waiters.size()) return {FutexResult::changed, index};
        auto end = Steady::now() + turn;
        bool last = until && *until <= end;
        FutexResult result = futex_wait(*waiters[0].word, waiters[0].expected, last ? *until : end);
        if (result != FutexResult::timed_out || last) return {result, 0};
    }
}

long kernel_waitv(std::span<const FutexWaiter> waiters, const timespec* until) noexcept {
    std::array<KernelWaiter, kFutexWaitvMax> list;
    std::transform(waiters.begin(), waiters.end(), list.begin(), [](const FutexWaiter& waiter) {
        return KernelWaiter{waiter.expected, reinterpret_cast<std::uintptr_t>(waiter.word), kFutex32, 0};
    });
    return system_call("futex_waitv", [&] {
        return ::syscall(SYS_futex_waitv, list.data(), waiters.size(), 0, until, CLOCK_MONOTONIC);
    });
}

}  // namespace

FutexResult futex_wait(const FutexWord& word, std::uint32_t expected, FutexUntil until) {
    timespec time{};
    if (until) time = moment(*until);
    // FUTEX_WAIT_BITSET, since its time is a moment of CLOCK_MONOTONIC and not a span.
    long result = system_call("futex", [&] {
        return ::syscall(SYS_futex, address(word), FUTEX_WAIT_BITSET, expected, until ? &time : nullptr, nullptr,
                         FUTEX_BITSET_MATCH_ANY);
    });
    return result == 0 ? FutexResult::woken : reason(errno, "futex");
}

int futex_wake(const FutexWord& word, int count) noexcept {
    long woken = system_call(
        "futex_wake", [&] { return ::syscall(SYS_futex, address(word), FUTEX_WAKE, count, nullptr, nullptr, 0); });
    return woken < 0 ? 0 : static_cast<int>(woken);
}

FutexWaitvResult futex_waitv(std::span<const FutexWaiter> waiters, FutexUntil until) {
    if (waiters.empty() || waiters.size() > kFutexWaitvMax)
        throw_error(EINVAL, "futex_waitv", "of " + std::to_string(waiters.size()) + " words");
    if (!futex_waitv_available()) return wait_in_turns(waiters, until);
    timespec time{};
    if (until) time = moment(*until);
    long result = kernel_waitv(waiters, until ? &time : nullptr);
    if (result >= 0) return {FutexResult::woken, static_cast<std::size_t>(result)};
    FutexResult why = reason(errno, "futex_waitv");
    if (why != FutexResult::changed) return {why, 0};
    // A word that had changed when the kernel looked may be back by now: any index is then as good as another.
    return {why, first_changed(waiters) % waiters.size()};
}

bool futex_waitv_available() noexcept {
    // An empty list is EINVAL where the call exists; a filter or an old kernel answers with another error.
    static const bool available = [] {
        long result = system_call("futex_waitv",
                                  [] { return ::syscall(SYS_futex_waitv, nullptr, 0, 0, nullptr, CLOCK_MONOTONIC); });
        return result == -1 && errno == EINVAL;
    }();
    return available;
}

}  // namespace cohort::os
