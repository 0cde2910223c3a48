// SPDX-License-Identifier: MIT
#pragma once

#include "shm/arena.hpp"

#include <cohort/os/descriptor.hpp>

#include <span>
#include <vector>

namespace cohort::shm {

/// Keeps the descriptors of messages that lie in shared memory, from their senders to their receivers. Declared here so
/// that a queue can ask for it; the layer `process` knows which processes belong together, and implements it.
///
/// Thread safety: safe, from any process of the tree.
class DescriptorDepot {
public:
    DescriptorDepot(const DescriptorDepot&) = delete;
    DescriptorDepot& operator=(const DescriptorDepot&) = delete;

    /// Keeps copies of the descriptors until they are collected or the object is freed.
    /// @param object       of this tree, which the message will hold; it has no descriptors yet
    /// @param descriptors  stay the caller's
    /// @throws std::system_error, Error
    virtual void leave(BlockName object, std::span<const int> descriptors) = 0;

    /// Takes them out, in their order.
    /// @throws Error  they are not there (any more)
    virtual std::vector<Descriptor> collect(BlockName object) = 0;

    /// A copy of the first one, which stays there.
    /// @throws Error  it is not there (any more)
    virtual Descriptor copy(BlockName object) = 0;

protected:
    DescriptorDepot() = default;
    ~DescriptorDepot() = default;
};

/// The depot of this process's tree. Defined by the layer `process`.
DescriptorDepot& descriptor_depot();

}  // namespace cohort::shm
