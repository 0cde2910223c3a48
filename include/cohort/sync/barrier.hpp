// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/shm/shared_handle.hpp>

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <type_traits>
#include <utility>

namespace cohort {

/// Where a fixed number of threads and processes wait for each other, as `multiprocessing.Barrier`. It can be used
/// again and again. A copy is the same barrier, here and in other processes.
///
/// Thread safety: safe, also between processes. FORK: the child shares the barrier, and has not arrived.
/// DEATH: of a party that waits, or runs the action: the barrier is broken for all.
class COHORT_API Barrier : public shm::SharedHandle {
public:
    /// What the last party to arrive runs before all go on. Barriers travel to fresh images only with an action that is
    /// a function, or a lambda without captures.
    using Action = std::function<void()>;
    /// At most so many processes may be parties.
    static constexpr std::ptrdiff_t kMaxParties = 4096;

    /// @param parties  how many there are
    /// @param action   run by the last one to arrive; in each process that of its own copy of the barrier
    /// @param timeout  for wait(), where nothing else is said
    /// @throws ValueError  parties is not 1 … kMaxParties
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    explicit Barrier(std::ptrdiff_t parties, Action action = {}, Timeout timeout = forever);
    /// The same with a function, or a lambda without captures.
    template <class Function>
    requires std::is_convertible_v<Function, void (*)()>
    explicit Barrier(std::ptrdiff_t parties, Function run, Timeout limit = forever)
        : Barrier(parties, Action(static_cast<void (*)()>(run)), limit) {}
    /// The barrier that a message named; for codecs.
    Barrier(std::shared_ptr<shm::Object> object, Action run, Timeout limit)
        : SharedHandle(std::move(object)), action_(std::move(run)), timeout_(limit) {}

    /// Waits until all parties are here.
    /// @returns 0 … parties() - 1, another number for each
    /// @throws BrokenBarrierError  the time is up (for the others, too), a party has died, or it was reset or aborted
    ///                             meanwhile, or is broken already
    /// What the action throws comes out of the wait() that ran it; the barrier is broken then.
    std::ptrdiff_t wait(Timeout timeout);
    /// Waits with the barrier's own timeout.
    std::ptrdiff_t wait() { return wait(timeout_); }

    /// Whoever waits gets BrokenBarrierError, and the barrier is whole and empty.
    void reset();
    /// Breaks it, until reset().
    void abort();

    /// How many have to arrive.
    std::ptrdiff_t parties() const;
    /// How many wait.
    std::ptrdiff_t n_waiting() const;
    /// Whether it is broken.
    bool broken() const;

    /// What one party runs before all pass; it may be empty.
    const Action& action() const noexcept { return action_; }
    /// Of a wait() without one.
    Timeout timeout() const noexcept { return timeout_; }

    /// `<Barrier waiters=1/3>` or `<Barrier broken>`.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Barrier& barrier);

private:
    Action action_;
    Timeout timeout_;
};

}  // namespace cohort
