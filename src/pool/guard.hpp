// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace cohort::pool {

/// Decides between a worker that ends an item and its parent that ends the worker because of that item: one of them
/// wins, so that no other item is ever hit. A word in the worker's roster line: when the item began, zero between
/// items, kDoomed when the parent has won.
///
///     worker:  word = now; run the item; exchange(word, 0) -> kDoomed: its outcome is not published any more
///     parent:  s = word; is the item that it runs due?; compare_exchange(word, s, kDoomed) -> the worker is killed
///
/// A moment is never used twice, so what the parent has read between s and the exchange belongs to that item.
///
/// Thread safety: begin() and end() for the worker, the others for its parent. All are sequentially consistent: a
/// worker that begins an item either sees that it was cancelled before, or is seen with it.
class Guard {
public:
    using Clock = std::chrono::steady_clock;

    explicit Guard(std::atomic<std::uint64_t>& word) noexcept : word_(&word) {}

    /// @param since  when the item began
    void begin(Clock::time_point since = Clock::now()) noexcept {
        const auto raw = static_cast<std::uint64_t>(since.time_since_epoch().count());
        last_ = raw > last_ ? raw : last_ + 1;
        word_->exchange(last_);
    }
    /// Whether the worker is at an item.
    bool is_on() const noexcept { return word_->load() != 0; }
    /// When the item began, as begin() was told.
    Clock::time_point since() const noexcept { return moment(last_); }
    /// False: the parent has decided that this worker ends now.
    bool end() noexcept { return word_->exchange(0) != kDoomed; }

    /// When the guarded item began that the worker runs now.
    std::optional<Clock::time_point> running_since() const noexcept {
        const std::uint64_t raw = word_->load();
        if (raw == 0 || raw == kDoomed) return std::nullopt;
        return moment(raw);
    }
    /// @param since  what running_since() has said
    /// @returns whether the worker is still at this item, and will not end it
    bool doom(Clock::time_point since) noexcept {
        auto raw = static_cast<std::uint64_t>(since.time_since_epoch().count());
        return word_->compare_exchange_strong(raw, kDoomed);
    }

private:
    static constexpr std::uint64_t kDoomed = ~std::uint64_t{0};
    static Clock::time_point moment(std::uint64_t raw) noexcept {
        return Clock::time_point(Clock::duration(static_cast<Clock::rep>(raw)));
    }

    std::atomic<std::uint64_t>* word_;
    std::uint64_t last_ = 0;
};

}  // namespace cohort::pool
