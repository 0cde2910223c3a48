// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace cohort::shm {

/// Where a queue gets the memory of its rings: what an arena is to it. Places are offsets from `base`, which is another
/// address in each process.
///
/// Thread safety: the functions are called by one process at a time for one queue, under its lock.
struct RingMemory {
    std::byte* base = nullptr;
    void* context = nullptr;

    struct Fresh {
        std::uint64_t offset;  ///< not 0
        std::uint64_t name;    ///< for keep() and kept(): never that of other memory, also when this was freed
    };
    /// Memory aligned to 128, in memory and writable. It is private: whoever sweeps for the calling process frees it,
    /// until it is kept. Throws std::bad_alloc or std::system_error.
    Fresh (*allocate)(void* context, std::size_t bytes) = nullptr;
    /// From now on it belongs to the queue. One store. Null: nothing is private.
    void (*keep)(void* context, std::uint64_t name) noexcept = nullptr;
    /// Whether it belongs to the queue: asked when the process died that was about to say so. Null: it does.
    bool (*kept)(void* context, std::uint64_t name) noexcept = nullptr;
};

}  // namespace cohort::shm
