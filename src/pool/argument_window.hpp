// SPDX-License-Identifier: MIT
#pragma once

#include "pool/message.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace cohort::pool {

/// A long argument goes from its place in the parent's memory to the worker that asks for it, by way of a window of few
/// parts: the parent writes one while the worker reads another, and all of it stays in the cache.
///
///     worker:  expect(), asks, then for each part: waits for state(id) = ready, reads front(), release()
///     parent:  begin(id), then put() while there is room; or refuse(id)
///
/// Words in shared memory for each place; zero is valid. Which task is meant stands beside how far it is, so what is
/// left of an argument that was not read to its end disturbs nobody.
///
/// Thread safety: one thread of the parent, one of the worker.
/// DEATH: of the worker: its place is made anew. Of the parent: the worker ends, too.
class ArgumentWindow {
public:
    /// A part: whole items of most sizes.
    static constexpr std::size_t kPart = std::size_t{63} << 12;
    static constexpr std::size_t kBytes = 3 * kPart;
    /// Arguments of so many bytes go this way.
    static constexpr std::size_t kWorthIt = 4 * kPart;

    struct Words {
        alignas(128) std::atomic<std::uint64_t> task{0};  ///< whose argument it is; with kRefused: it does not come
        std::atomic<std::uint64_t> block{0};              ///< a shm::BlockId: where the parts are
        std::atomic<std::uint64_t> written{0};            ///< parts
        alignas(128) std::atomic<std::uint64_t> read{0};  ///< parts; the worker's
    };

    /// For the parent, now that a worker has asked. @param block  kBytes, populated
    static void begin(Words& words, TaskId id, std::uint64_t block) noexcept {
        words.block.store(block, std::memory_order_relaxed);
        words.written.store(0, std::memory_order_relaxed);
        words.task.store(id.raw(), std::memory_order_release);
    }
    static void refuse(Words& words, TaskId id) noexcept {
        words.task.store(id.raw() | kRefused, std::memory_order_release);
    }
    static bool has_room(const Words& words) noexcept {
        return words.written.load(std::memory_order_relaxed) - words.read.load(std::memory_order_acquire) < kParts;
    }
    /// REQUIRES: has_room(). @param part  at most kPart bytes; only the last one has less
    static void put(Words& words, std::byte* window, std::span<const std::byte> part) noexcept {
        const std::uint64_t written = words.written.load(std::memory_order_relaxed);
        std::memcpy(place(window, written), part.data(), part.size());
        words.written.store(written + 1, std::memory_order_release);
    }

    /// For the worker, before it asks.
    static void expect(Words& words) noexcept { words.read.store(0, std::memory_order_relaxed); }
    enum class State : std::uint8_t { waiting, ready, refused };
    static State state(const Words& words, TaskId id) noexcept {
        const std::uint64_t task = words.task.load(std::memory_order_acquire);
        if (task == (id.raw() | kRefused)) return State::refused;
        const bool ready = task == id.raw() &&
                           words.written.load(std::memory_order_acquire) > words.read.load(std::memory_order_relaxed);
        return ready ? State::ready : State::waiting;
    }
    static const std::byte* front(const Words& words, std::byte* window) noexcept {
        return place(window, words.read.load(std::memory_order_relaxed));
    }
    static void release(Words& words) noexcept {
        words.read.store(words.read.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

private:
    static constexpr std::uint64_t kParts = kBytes / kPart;
    static constexpr std::uint64_t kRefused = std::uint64_t{1} << 63;
    static std::byte* place(std::byte* window, std::uint64_t part) noexcept { return window + part % kParts * kPart; }
};

}  // namespace cohort::pool
