// SPDX-License-Identifier: MIT
#pragma once

#include "os/pidfd.hpp"
#include "os/poll.hpp"
#include "pool/memory.hpp"
#include "shm/owner.hpp"
#include "shm/roster.hpp"

#include <cohort/base/exit_status.hpp>
#include <cohort/base/function_ref.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cohort::pool {

/// What the pool asks of its nursery, over their socket.
struct NurseryRequest {
    enum class What : std::uint32_t {
        start,      ///< a worker
        kill,       ///< a worker
        report,     ///< answer with a NurseryReport: all starts asked for before have been tried
        finish,     ///< no more workers; end when the last one has
        terminate,  ///< end the workers now, then end
    };
    What what = What::report;
    std::uint32_t place = 0;
    std::uint32_t owner = 0;
};

struct NurseryReport {
    std::int32_t start_errno = 0;  ///< of the first worker that could not be started; 0: all could
};

/// A worker that was started.
struct StartedWorker {
    pid_t pid = 0;
    os::Pidfd process{};
};

/// How a nursery makes workers.
class WorkerLauncher {
public:
    virtual ~WorkerLauncher() = default;

    /// Starts a worker. A forked one never returns from here.
    /// @param in_child  called in a forked worker: lets go of what is the nursery's
    /// @throws std::system_error
    virtual StartedWorker launch(std::uint32_t place, shm::Owner owner, detail::FunctionRef<void()> in_child) = 0;

    /// Whether it makes spares.
    virtual bool has_spares() const noexcept = 0;
    /// Starts a worker that waits until it is employed by these words. REQUIRES: has_spares()
    /// @throws std::system_error
    virtual StartedWorker launch_spare(const Spare& spare, detail::FunctionRef<void()> in_child) = 0;
};

/// The process that a pool's workers come from, and their parent for the kernel: starts them on request, says in the
/// roster how each one ended, and sees to it that none outlives the pool.
///
/// Thread safety: one thread.
/// DEATH: of the owner: it kills the workers and ends. Its own: the kernel kills the workers.
class Nursery {
public:
    /// How long workers have between SIGTERM and SIGKILL.
    static constexpr std::chrono::seconds kGrace{1};
    /// How long nothing is asked of a nursery before it makes a spare after the pool's first workers: no pool pays for
    /// it while it starts. After any other start it makes one at once.
    static constexpr std::chrono::milliseconds kSpareDelay{1};

    /// @param socket  to the pool
    /// @param owner   the process that has the pool
    Nursery(Descriptor socket, os::Pidfd owner, const Memory& memory, WorkerLauncher& launcher);

    /// Serves until the pool or its owner ends. No worker is left then.
    void run();

private:
    struct Child {
        shm::Owner owner;
        os::Pidfd process;
    };

    void serve_once();
    void obey_requests();
    void obey(const NurseryRequest& request);
    void start(std::uint32_t place, shm::Owner owner);
    void employ_spare(shm::Owner owner);
    void make_spare();
    void reap_spare();
    bool has_children() const noexcept { return !children_.empty() || (spare_ && spare_->process); }
    void let_go();
    void add(shm::Owner owner, StartedWorker started);
    void fail_start(shm::Owner owner, int error);
    void kill(shm::Owner owner);
    void report();
    std::vector<pollfd> watched_children() const;  // then the spare
    void reap(std::span<const pollfd> entries);
    void reap_within(const Deadline& deadline);
    void tell(shm::Owner owner, ExitStatus status);
    void signal_all(int signal);
    void end_all(std::chrono::nanoseconds grace);

    Descriptor socket_;
    os::Pidfd owner_;
    const Memory& memory_;
    WorkerLauncher& launcher_;
    shm::Roster roster_;
    std::vector<Child> children_;
    std::optional<StartedWorker> spare_;  ///< without a process: it has been reaped, the request that employs it comes
    Spare* offered_;                      ///< its words
    std::chrono::nanoseconds spare_delay_ = kSpareDelay;
    std::optional<std::chrono::nanoseconds> spare_due_{};  ///< when nothing is asked for so long, one is made
    int start_errno_ = 0;
    bool serving_ = true;
    bool finishing_ = false;
};

}  // namespace cohort::pool
