// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cohort::pool {

/// How many tasks wait in the ring: few when they are long, so that what was submitted last can still be ordered and
/// taken back; thousands when they are tiny, so that workers do not run dry while the parent sleeps.
///
/// The window is what the workers take in kReach, by the rate measured last; it doubles when they ran dry.
///
/// Thread safety: none.
class Pacing {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::nanoseconds kReach = std::chrono::milliseconds(5);
    /// The bytes of payloads in flight; beyond, only two tasks wait for each worker: while the parent copies one large
    /// payload, no worker runs dry.
    static constexpr std::size_t kMostBytes = std::size_t{4} << 20;
    /// Tasks longer than this are worth a wake of the parent for each result.
    static constexpr std::chrono::nanoseconds kLong = std::chrono::milliseconds(1);

    /// @param most  the ring's capacity
    Pacing(std::size_t workers, std::size_t most) noexcept
        : workers_(workers),
          least_(std::min(most, std::max<std::size_t>(2 * workers, 4))),
          most_(most),
          window_(least_) {}

    std::size_t window() const noexcept { return std::min(window_, limit_); }

    /// @param chunks  what comes next are chunks whose size the pool chooses: they are long, so a few are enough, and
    ///                only these few have the size of before when it grows
    void take_chunks(bool chunks) noexcept { limit_ = chunks ? std::max(least_, kChunks * workers_) : most_; }

    std::size_t workers() const noexcept { return workers_; }
    void set_workers(std::size_t workers) noexcept {
        workers_ = workers;
        least_ = std::min(most_, std::max<std::size_t>(2 * workers, 4));
        window_ = std::max(window_, least_);
    }

    bool may_put(std::size_t waiting, std::size_t bytes_in_flight) const noexcept {
        return waiting < window() && (bytes_in_flight < kMostBytes || waiting < 2 * workers_);
    }

    /// Whether single results are worth a wake: the workers take less than one task in kLong each.
    bool tasks_are_long() const noexcept { return long_; }

    /// Learns how fast the tasks go.
    /// @param taken    how many tasks the workers have taken so far
    /// @param waiting  how many wait now
    void measure(std::uint64_t taken, std::size_t waiting, Clock::time_point now) noexcept {
        const std::uint64_t count = taken - taken_;
        const double seconds = std::chrono::duration<double>(now - since_).count();
        if (count < window() / 2 && seconds < std::chrono::duration<double>(kReach).count()) return;
        const double rate = static_cast<double>(count) / std::max(seconds, 1e-9);
        std::size_t wanted = static_cast<std::size_t>(rate * std::chrono::duration<double>(kReach).count());
        if (waiting == 0 && count != 0) wanted = std::max(wanted, 2 * window_);
        window_ = std::clamp(wanted, least_, most_);
        long_ = rate * std::chrono::duration<double>(kLong).count() < static_cast<double>(workers_);
        taken_ = taken;
        since_ = now;
    }

private:
    static constexpr std::size_t kChunks = 4;

    std::size_t workers_;
    std::size_t least_;
    std::size_t most_;
    std::size_t window_;
    std::size_t limit_ = most_;
    bool long_ = true;
    std::uint64_t taken_ = 0;
    Clock::time_point since_{};
};

}  // namespace cohort::pool
