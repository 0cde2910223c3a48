// SPDX-License-Identifier: MIT
#pragma once

#include "shm/tree.hpp"

#include <memory>
#include <span>
#include <utility>

namespace cohort::shm {

/// Holds the objects that a message names, from the sender's to the receiver's. It goes with the message as a name.
///
/// Thread safety: none. FORK: the child must not destroy its copy.
/// DEATH: of the sender before release(): freed with what it owned. Of the receiver after it took the message: the
/// same. A message that nobody ever receives holds its objects until the tree ends.
class Parcel {
public:
    /// Of no objects.
    Parcel() noexcept = default;
    /// @throws as Arena::pack()
    explicit Parcel(std::span<const std::shared_ptr<Object>> objects);
    /// One that came with a message.
    explicit Parcel(BlockName received) noexcept;
    Parcel(Parcel&& other) noexcept : name_(std::exchange(other.name_, BlockName())) {}
    Parcel& operator=(Parcel&& other) noexcept {
        std::swap(name_, other.name_);
        return *this;
    }
    /// The objects live on where others hold them.
    ~Parcel();

    BlockName name() const noexcept { return name_; }
    /// Before the message goes: it belongs to the receiver from now on. take_back() if it did not go.
    void hand_over() const noexcept;
    void take_back() const noexcept;
    /// It has gone.
    void forget() noexcept { name_ = {}; }

private:
    BlockName name_;
};

}  // namespace cohort::shm
