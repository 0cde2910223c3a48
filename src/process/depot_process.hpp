// SPDX-License-Identifier: MIT
#pragma once

#include "shm/arena.hpp"

#include <cstdint>
#include <string>

namespace cohort::process {

/// What a depot is asked, one packet for up to kDepotPortion descriptors.
struct DepotRequest {
    enum Kind : std::uint32_t { leave, collect, copy };
    Kind kind;
    shm::BlockName object;
};

/// What it answers, with the descriptors that are collected.
struct DepotReply {
    std::int32_t error;   ///< of errno; the request had no effect then
    std::uint32_t count;  ///< how many descriptors come with this packet
    std::uint32_t left;   ///< how many more are kept for the object
};

inline constexpr std::size_t kDepotPortion = 250;

/// The name, in the kernel's abstract namespace, at which the depot of this process's tree listens.
std::string depot_address();

/// Starts the depot of this tree and returns when it listens, or another one does. It is nobody's child.
/// @throws std::system_error naming the step, Error
void start_depot();

}  // namespace cohort::process
