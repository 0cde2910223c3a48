// SPDX-License-Identifier: MIT
#pragma once

#include "os/pidfd.hpp"
#include "pool/memory.hpp"
#include "pool/nursery_plan.hpp"
#include "pool/worker_source.hpp"
#include "shm/tree.hpp"

#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace cohort::pool {

/// The pool's end of its nursery.
///
/// Thread safety: all members.
/// FORK: for the process that made it; release() in others.
class NurseryLink final : public WorkerSource {
public:
    /// Starts the nursery.
    /// @throws SerializationError if the initializer cannot cross to a fresh image; nothing was started
    /// @throws std::system_error naming the step
    NurseryLink(const Memory& memory, const NurseryPlan& plan);
    /// Ends the nursery, and waits for its end.
    ~NurseryLink() override;

    void start(std::uint32_t place, shm::Owner owner) override;
    void kill(shm::Owner owner) override;
    bool alive() override;

    /// Waits until all starts that were asked for have been tried.
    /// @throws std::system_error if one failed
    void require_started();

    /// No more workers; the nursery ends when the last one has.
    void finish();
    /// The workers get SIGTERM, and SIGKILL after Nursery::kGrace; then the nursery ends.
    void terminate();
    /// Waits for the end of the nursery. @returns whether it has ended
    bool join(Timeout timeout);

    /// As the destructor.
    void end() noexcept;

    /// This process is a copy of the one that made the link: the nursery is not its own.
    void release() noexcept;

private:
    void send(const struct NurseryRequest& request);

    Signals& signals_;
    Descriptor socket_;
    os::Pidfd process_;
    shm::ChildLine line_;                             ///< of a nursery that is a copy of this process
    std::vector<std::shared_ptr<TaskHandles>> held_;  ///< what the calls name that workers make
    std::mutex mutex_;
    bool ended_ = false;
};

}  // namespace cohort::pool
