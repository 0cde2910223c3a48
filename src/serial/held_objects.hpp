// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/handle_carrier.hpp>

#include <set>

namespace cohort::serial {

/// Carries no descriptors, and holds the shared objects that messages name until it is destroyed: for who knows by then
/// that they were received.
class HeldObjects final : public HandleCarrier {
public:
    bool carries_descriptors() const noexcept override { return false; }
    std::uint32_t add_descriptor(int descriptor, std::shared_ptr<const void> keeper) override;
    int take_descriptor(std::uint32_t number) override;
    void add_object(std::shared_ptr<shm::Object> object) override { objects_.insert(std::move(object)); }

    const std::set<std::shared_ptr<shm::Object>>& objects() const noexcept { return objects_; }
    void clear() noexcept { objects_.clear(); }

private:
    std::set<std::shared_ptr<shm::Object>> objects_;
};

}  // namespace cohort::serial
