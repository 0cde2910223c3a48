// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include "os/mapping.hpp"
#include "shm/fence.hpp"
#include "shm/spsc_ring.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cohort::manager {

/// One side of a stream of bytes in both directions between two processes of one machine: a ring for each direction in
/// memory that both have mapped. It stands beside a socket that the two have, which carries no messages any more: it
/// tells the death of the other side, and its bytes wake who sleeps.
///
///   who waits                                              who has changed something
///     look; found: done                                      send() or receive()
///     announce_sleep(); look again; found: awake(), done     if takes_sleeper(): send a byte through the socket
///     sleep until the socket has bytes or ends; awake()
///
/// Invariants
///  1. Who sleeps has announced it before the last look; who changes something looks for a sleeper after it. A full
///     fence on both sides: one of the two sees the other.
///  2. A sleeper is taken once: there are never more bytes in the socket than there were sleeps.
///  3. What the other side writes is never believed: a length is cut to its cell, and the places of the rings were
///     written by the server, which made the memory, and are read before the other side has it.
///
/// Thread safety: none; one thread of each side. FORK: the child's copy may be destroyed, and nothing else.
/// DEATH: what was published is whole and can be received; the socket ends. The memory goes with its last mapping.
class SharedStream {
public:
    /// Makes the memory, all of it populated. @throws std::system_error
    static SharedStream create();
    /// The other side of a stream that create() has made.
    /// @throws std::system_error, std::runtime_error  there is no memory; it is no such stream
    static SharedStream attach(const Descriptor& memory);

    /// For the other side; of no use once it has it.
    Descriptor take_descriptor() noexcept { return std::move(descriptor_); }

    /// Sends the beginning of two parts. @returns how many bytes there was room for
    std::size_t send(std::span<const std::byte> head, std::span<const std::byte> body) noexcept;
    /// Receives what there is. @returns how many bytes; 0 if there are none
    std::size_t receive(std::span<std::byte> buffer) noexcept;
    bool readable() const noexcept { return reader_.readable(); }
    bool writable() const noexcept { return writer_.writable(); }

    /// This side is going to sleep. The caller calls shm::full_fence() before the last look.
    void announce_sleep() noexcept { own_sleep_->store(1, std::memory_order_relaxed); }
    void awake() noexcept { own_sleep_->store(0, std::memory_order_relaxed); }

    /// Tells the client whether those that the server works for are too many to have a core each.
    void tell_crowd(bool is_crowd) noexcept { crowd_->store(is_crowd ? 1 : 0, std::memory_order_relaxed); }
    bool in_crowd() const noexcept { return crowd_->load(std::memory_order_relaxed) != 0; }

    /// Whether the other side has to be woken by the caller.
    bool takes_sleeper() noexcept {
        shm::full_fence();
        return other_sleep_->load(std::memory_order_relaxed) != 0 &&
               other_sleep_->exchange(0, std::memory_order_relaxed) != 0;
    }

private:
    enum class Side { server, client };
    using Word = std::atomic<std::uint32_t>;
    struct Layout;

    SharedStream(os::Mapping memory, Side side);

    os::Mapping memory_;
    shm::SpscWriter writer_;
    shm::SpscReader reader_;
    Word* own_sleep_;
    Word* other_sleep_;
    Word* crowd_;
    std::size_t taken_ = 0;  // of the oldest cell
    Descriptor descriptor_;
};

}  // namespace cohort::manager
