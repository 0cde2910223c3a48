// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cohort::shm {

/// Which small ranges of an arena are free, for who wants one without its mutex: for each size, a ring of the places
/// that were given back last. These are hints: one may be missing, stand here twice, or be of a range that somebody has
/// taken by now; who gets one claims the range by its tag.
///
/// In shared memory; zero is valid and empty.
///
/// Thread safety: all functions, from any thread of any process; nobody waits for anybody.
/// DEATH: at any instruction; a hint may be lost.
class FreeHints {
public:
    /// The sizes that have hints: 64 bytes to 32 KiB, in powers of two.
    static constexpr unsigned kClasses = 10;

    /// @returns false if there is no room for it
    bool push(unsigned size_class, std::uint32_t place) noexcept {
        Ring& ring = rings_[size_class];
        const std::uint32_t at = ring.pushed.load(std::memory_order_relaxed);
        if (at - ring.popped.load(std::memory_order_relaxed) >= room(size_class)) return false;
        std::uint32_t expected = at;
        // Of two that meet here one goes on to the next cell, or does without.
        const std::uint32_t mine =
            ring.pushed.compare_exchange_strong(expected, at + 1, std::memory_order_relaxed) ? at : expected;
        if (mine != at && !ring.pushed.compare_exchange_strong(expected, mine + 1, std::memory_order_relaxed))
            return false;
        std::uint32_t nothing = 0;
        return ring.cells[mine % room(size_class)].compare_exchange_strong(
            nothing, place + 1, std::memory_order_release, std::memory_order_relaxed);
    }

    std::optional<std::uint32_t> pop(unsigned size_class) noexcept {
        Ring& ring = rings_[size_class];
        for (std::uint32_t at = ring.popped.load(std::memory_order_relaxed);
             static_cast<std::int32_t>(ring.pushed.load(std::memory_order_relaxed) - at) > 0;) {
            if (!ring.popped.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) continue;
            auto& cell = ring.cells[at % room(size_class)];
            // Zero: who was about to put it in has died, or takes its time.
            if (const std::uint32_t found = cell.exchange(0, std::memory_order_acquire)) return found - 1;
            at = ring.popped.load(std::memory_order_relaxed);
        }
        return std::nullopt;
    }

private:
    static constexpr std::uint32_t kMost = 256;
    static constexpr std::size_t kSmallest = 64;
    /// At most half a megabyte of ranges, so that they stay in caches.
    static constexpr std::uint32_t room(unsigned size_class) noexcept {
        return std::min(kMost, static_cast<std::uint32_t>((std::size_t{512} << 10) / (kSmallest << size_class)));
    }

    struct Ring {
        alignas(64) std::atomic<std::uint32_t> pushed;
        alignas(64) std::atomic<std::uint32_t> popped;
        alignas(64) std::array<std::atomic<std::uint32_t>, kMost> cells;
    };
    std::array<Ring, kClasses> rings_;
};

}  // namespace cohort::shm
