// SPDX-License-Identifier: MIT
#pragma once

#include "shm/watch.hpp"

namespace cohort::channel {

/// Something in shared memory that wait() can wait for: it has no descriptor, but a word that its changes wake.
///
///   look; not ready: listen; look again; not ready: sleep on the word, at most one period, and begin again
///
/// Thread safety: all members. FORK: valid in the child.
class MemoryEvent {
public:
    virtual ~MemoryEvent() = default;

    /// The same for all that stand for the same object in this process.
    virtual const void* identity() const noexcept = 0;
    /// Whether it is ready.
    /// @param last  nobody will look again: what takes nanoseconds is waited for
    virtual bool ready(bool last) = 0;
    /// Announces a sleeper. @returns the word to sleep on
    virtual shm::Watch listen() = 0;
};

}  // namespace cohort::channel
