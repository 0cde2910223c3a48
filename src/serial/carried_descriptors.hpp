// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>
#include <cohort/serial/handle_carrier.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cohort::serial {

/// The descriptors of a message that is written: a list, whose places are their numbers.
class OutgoingDescriptors final : public HandleCarrier {
public:
    /// @param parts  as HandleCarrier::parts()
    explicit OutgoingDescriptors(bool parts) noexcept : parts_(parts) {}

    std::uint32_t add_descriptor(int descriptor, std::shared_ptr<const void> keeper) override;
    int take_descriptor(std::uint32_t number) override;
    void add_object(std::shared_ptr<shm::Object> object) override;
    bool parts() const noexcept override { return parts_; }

    /// The objects that the message names.
    std::span<const std::shared_ptr<shm::Object>> objects() const noexcept { return objects_; }

    /// In the order of their numbers; open for as long as they are listed here.
    std::span<const int> list() const noexcept { return list_; }

    /// For the next message.
    void clear() noexcept;

private:
    const bool parts_;
    std::vector<int> list_;
    std::vector<std::shared_ptr<const void>> keepers_;
    std::vector<std::shared_ptr<shm::Object>> objects_;
};

/// The descriptors that came with a message. Those that nobody takes are closed at the end.
class IncomingDescriptors final : public HandleCarrier {
public:
    IncomingDescriptors() = default;
    explicit IncomingDescriptors(std::vector<Descriptor> list) noexcept : list_(std::move(list)) {}

    std::uint32_t add_descriptor(int descriptor, std::shared_ptr<const void> keeper) override;
    int take_descriptor(std::uint32_t number) override;
    void add_object(std::shared_ptr<shm::Object> object) override;

private:
    std::vector<Descriptor> list_;
};

}  // namespace cohort::serial
