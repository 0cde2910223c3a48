// SPDX-License-Identifier: MIT
#pragma once

#include "channel/memory_event.hpp"
#include "os/eventfd.hpp"
#include "os/helper_thread.hpp"
#include "shm/doorbell.hpp"
#include "shm/until.hpp"

#include <atomic>
#include <cstdint>
#include <exception>
#include <span>

namespace cohort::channel {

using MemoryEvents = std::span<MemoryEvent* const>;

/// How many events one thread can sleep on, beside a word of its own.
inline constexpr std::size_t kMostEvents = shm::Doorbell::kMostWatched;

/// Sleeps until one of the events may be ready or `beside` has moved, at most until `until`, at most one period.
/// @param events  at most kMostEvents, at least one
/// @param beside  one more word to sleep on, or null
void sleep_on(MemoryEvents events, const shm::Watch* beside, shm::Until until);

/// Sleeps on events in a thread of its own, and rings an eventfd, which can be polled beside descriptors, when one of
/// them is ready.
///
/// The word: watching → rung → watching → … → stopped. The thread goes from watching to rung, and to failed if a look
/// throws; its owner makes the other steps.
///
/// Thread safety: made, used and destroyed by one thread.
/// FORK: the child of another thread has none of it.
class MemoryWatch {
public:
    /// @param events  at most kMostEvents; they and the alarm outlive this object
    /// @throws std::system_error as os::HelperThread
    MemoryWatch(MemoryEvents events, const os::Eventfd& alarm);
    ~MemoryWatch();
    MemoryWatch(const MemoryWatch&) = delete;
    MemoryWatch& operator=(const MemoryWatch&) = delete;

    /// If it has rung: watches again.
    /// @throws what a look has thrown in its thread
    void go_on();

private:
    enum State : std::uint32_t { watching, rung, stopped, failed };

    bool is(State state) const noexcept { return state_.load(std::memory_order_acquire) == state; }
    bool move(State from, State to) noexcept;
    bool watch_until_ready();
    void run() noexcept;

    const MemoryEvents events_;
    const os::Eventfd& alarm_;
    std::exception_ptr failure_;
    std::atomic<std::uint32_t> state_{watching};
    const os::HelperThread thread_;  // the last: it uses the others
};

}  // namespace cohort::channel
