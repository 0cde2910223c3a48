// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/shm/shared_handle.hpp>

#include <iosfwd>

namespace cohort {

/// A flag that threads and processes wait for, as `multiprocessing.Event`. A copy is the same event, here and in other
/// processes.
///
/// Thread safety: safe, also between processes. FORK: the child shares the event.
/// DEATH: of one that sets it: it is set or not, and who waits sees it within 100 ms. Of one that waits: nothing.
class COHORT_API Event : public shm::SharedHandle {
public:
    /// A new event, not set.
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    Event();
    /// The event that a message named; for codecs.
    using shm::SharedHandle::SharedHandle;

    /// Whether the flag is set.
    bool is_set() const;
    /// Sets it and wakes all who wait.
    void set();
    /// Takes the flag back.
    void clear();
    /// Waits until it is set.
    /// @returns whether it is
    bool wait(Timeout timeout = forever) const;

    /// `<Event set>` or `<Event unset>`.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Event& event);
};

}  // namespace cohort
