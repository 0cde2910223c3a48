// SPDX-License-Identifier: MIT
#pragma once

#include "os/signals.hpp"
#include "pool/memory.hpp"
#include "pool/nursery.hpp"
#include "pool/nursery_plan.hpp"

#include <cstdint>
#include <optional>

namespace cohort::pool {

/// Workers are copies of the nursery. While it lives, signals that are sent to the whole group of the terminal do not
/// reach the nursery.
class ForkLauncher final : public WorkerLauncher {
public:
    ForkLauncher(const Memory& memory, const NurseryPlan& plan);
    ~ForkLauncher() override;
    ForkLauncher(const ForkLauncher&) = delete;
    ForkLauncher& operator=(const ForkLauncher&) = delete;
    StartedWorker launch(std::uint32_t place, shm::Owner owner, detail::FunctionRef<void()> in_child) override;
    bool has_spares() const noexcept override { return true; }
    StartedWorker launch_spare(const Spare& spare, detail::FunctionRef<void()> in_child) override;

private:
    StartedWorker fork_worker(detail::FunctionRef<void()> in_child, detail::FunctionRef<WorkerOrder()> order);

    const Memory& memory_;
    const NurseryPlan& plan_;
    std::optional<os::SignalBlock> block_;
    // Ignored by the program, it would take the exit codes of the workers away; they have it as the program has.
    std::optional<os::SignalHandler> children_;
    unsigned number_ = 0;
};

/// Each worker is a fresh image of the program. Signals to the terminal's group are caught, not blocked: a blocked one
/// would be blocked in the images, too. There is no spare: an image that nobody needs yet would construct the static
/// objects of the program, which can be seen, and holds ten times as much memory as a copy.
class ImageLauncher final : public WorkerLauncher {
public:
    ImageLauncher(const Memory& memory, const NurseryPlan& plan);
    StartedWorker launch(std::uint32_t place, shm::Owner owner, detail::FunctionRef<void()> in_child) override;
    bool has_spares() const noexcept override { return false; }
    StartedWorker launch_spare(const Spare& spare, detail::FunctionRef<void()> in_child) override;

private:
    const Memory& memory_;
    const NurseryPlan& plan_;
    unsigned number_ = 0;
};

}  // namespace cohort::pool
