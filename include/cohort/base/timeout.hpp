// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <chrono>
#include <optional>
#include <type_traits>

namespace cohort {

namespace detail {
/// Throws the ValueError of a timeout that is not a number.
[[noreturn]] COHORT_API void fail_timeout();
}  // namespace detail

/// The type of cohort::forever.
struct Forever {
    explicit constexpr Forever() = default;
};

/// Waits without a limit: the default of every call that blocks.
inline constexpr Forever forever{};

/// How long a call may wait: any `std::chrono` duration, or cohort::forever. Zero and negative durations poll once.
///
/// Thread safety: a value.
class Timeout {
public:
    /// Does not jump when the time of day is set.
    using Clock = std::chrono::steady_clock;

    /// Waits without a limit.
    constexpr Timeout(Forever) noexcept : duration_(kForever) {}

    /// Durations longer than the clock can count (292 years) wait for ever.
    /// @throws ValueError  it is not a number (NaN)
    template <class Rep, class Period>
    constexpr Timeout(std::chrono::duration<Rep, Period> duration) noexcept(!std::is_floating_point_v<Rep>)
        : duration_(kForever) {
        using Seconds = std::chrono::duration<double>;
        if constexpr (std::is_floating_point_v<Rep>)
            if (duration != duration) detail::fail_timeout();
        if (duration <= duration.zero())
            duration_ = Clock::duration::zero();
        else if (Seconds(duration) < std::chrono::duration_cast<Seconds>(Clock::duration::max()) / 2)
            duration_ = std::chrono::ceil<Clock::duration>(duration);
    }

    /// Whether the call waits without a limit.
    constexpr bool is_forever() const noexcept { return duration_ == kForever; }

    /// Whether the call looks once and does not wait.
    constexpr bool polls() const noexcept { return duration_ <= Clock::duration::zero(); }

    /// The wait in nanoseconds; empty for cohort::forever.
    constexpr std::optional<Clock::duration> duration() const noexcept {
        return is_forever() ? std::nullopt : std::optional(duration_);
    }

private:
    // One word: it goes in a register with every call that may block.
    static constexpr Clock::duration kForever = Clock::duration::max();
    Clock::duration duration_;
};

/// A Timeout that has begun to run: the moment at which the waiting ends.
class Deadline {
public:
    /// The clock of Timeout.
    using Clock = Timeout::Clock;

    /// The time begins to run now.
    explicit Deadline(Timeout timeout) noexcept : polls_(timeout.polls()) {
        if (auto duration = timeout.duration(); duration && !polls_) {
            auto now = Clock::now();
            if (*duration < Clock::time_point::max() - now) at_ = now + *duration;
        }
    }

    /// Whether there is no limit.
    bool is_forever() const noexcept { return !polls_ && !at_; }

    /// Whether the time is up; always true for a Timeout that polls.
    bool passed() const noexcept { return polls_ || (at_ && Clock::now() >= *at_); }

    /// What is left: zero when the time is up; empty when there is no limit.
    std::optional<Clock::duration> left() const noexcept {
        if (polls_) return Clock::duration::zero();
        if (!at_) return std::nullopt;
        auto rest = *at_ - Clock::now();
        return rest > Clock::duration::zero() ? rest : Clock::duration::zero();
    }

    /// What is left, for another call that waits.
    Timeout timeout() const noexcept {
        const auto rest = left();
        return rest ? Timeout(*rest) : Timeout(forever);
    }

    /// The moment itself; empty when there is none (no limit, or a poll).
    std::optional<Clock::time_point> at() const noexcept { return at_; }

private:
    bool polls_;
    std::optional<Clock::time_point> at_;
};

}  // namespace cohort
