// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/handle_carrier.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>

namespace cohort::pool {

/// Holds what tasks name until they have ended, however often they are run: shared objects, and copies of descriptors,
/// which the depot keeps. The number of a descriptor in a message is the place of an object that stands for it.
class TaskHandles final : public serial::HandleCarrier {
public:
    std::uint32_t add_descriptor(int descriptor, std::shared_ptr<const void> keeper) override;
    int take_descriptor(std::uint32_t number) override;
    void add_object(std::shared_ptr<shm::Object> object) override { objects_.insert(std::move(object)); }

    bool empty() const noexcept { return objects_.empty(); }

private:
    std::set<std::shared_ptr<shm::Object>> objects_;
};

/// The worker's side: each run of a task gets copies of its own.
class ReceivedHandles final : public serial::HandleCarrier {
public:
    std::uint32_t add_descriptor(int descriptor, std::shared_ptr<const void> keeper) override;
    int take_descriptor(std::uint32_t number) override;
    void add_object(std::shared_ptr<shm::Object> object) override;

    /// How many it has taken.
    std::size_t taken() const noexcept { return taken_; }

private:
    std::size_t taken_ = 0;
};

/// Of a result, with which nothing goes.
class ResultHandles final : public serial::HandleCarrier {
public:
    std::uint32_t add_descriptor(int descriptor, std::shared_ptr<const void> keeper) override;
    int take_descriptor(std::uint32_t number) override;
    void add_object(std::shared_ptr<shm::Object> object) override;
    bool takes_handles() const noexcept override { return false; }
    bool parts() const noexcept override { return true; }
};

}  // namespace cohort::pool
