// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace cohort::shm {

class Object;

/// What the handles of shared objects have in common: each refers to an object in the memory of its tree of processes,
/// which lives as long as a process holds a handle of it, or a message with one is on its way.
///
/// Thread safety: as a shared pointer. FORK: the child's copy refers to the same object.
/// DEATH: of a process: its handles are gone; the object lives while others hold it.
class COHORT_API SharedHandle {
public:
    /// The object of a message; for codecs.
    explicit SharedHandle(std::shared_ptr<Object> object) noexcept : object_(std::move(object)) {}

    /// Null for a handle that was moved from.
    const std::shared_ptr<Object>& object() const noexcept { return object_; }

    /// Whether both are handles of one object.
    friend bool operator==(const SharedHandle&, const SharedHandle&) noexcept = default;

protected:
    /// The memory of the object.
    /// @throws ValueError  the handle was moved from
    /// @throws Error       the object was freed before this process, which the program's own fork made, first used it
    std::byte* memory() const;

private:
    std::shared_ptr<Object> object_;
};

}  // namespace cohort::shm
