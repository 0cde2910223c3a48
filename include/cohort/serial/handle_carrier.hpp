// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <cstdint>
#include <memory>

namespace cohort::shm {
class Object;
}

namespace cohort::serial {

/// Takes descriptors across with a message: a message holds only numbers, and each transport has its own way to carry
/// what they stand for. Declared here so that a codec can ask for it; a transport implements it and gives it to the
/// Sink or Source of each message.
///
/// Thread safety: one thread at a time, as the Sink or Source that it belongs to.
class COHORT_API HandleCarrier {
public:
    virtual ~HandleCarrier();

    /// Adds a descriptor to the message being written and returns its number within the message.
    /// @param descriptor stays the caller's, and must stay open until the message has been sent
    /// @param keeper     held until then, to keep it open; null where the value that is sent does
    virtual std::uint32_t add_descriptor(int descriptor, std::shared_ptr<const void> keeper = {}) = 0;

    /// Gives a descriptor of the message being read. The caller owns the result and closes it.
    /// @param number as add_descriptor() returned it in the sender
    /// Throws SerializationError for a number that the message does not have, or whose descriptor was taken before.
    virtual int take_descriptor(std::uint32_t number) = 0;

    /// Adds an object of shared memory to the message being written, which holds it until it was received.
    virtual void add_object(std::shared_ptr<shm::Object> object) = 0;

    /// Whether it takes descriptors and objects at all. If not, it is given none.
    virtual bool takes_handles() const noexcept { return true; }

    /// Whether the writer may forget at once what the message refers to, before it has been received; false where a
    /// parent keeps that for its child.
    virtual bool parts() const noexcept { return false; }

protected:
    HandleCarrier() = default;
    HandleCarrier(const HandleCarrier&) = default;
    HandleCarrier& operator=(const HandleCarrier&) = default;
};

}  // namespace cohort::serial
