// SPDX-License-Identifier: MIT
#pragma once

#include "os/pidfd.hpp"
#include "pool/memory.hpp"
#include "pool/nursery_plan.hpp"

#include <cohort/os/descriptor.hpp>

namespace cohort::pool {

/// Starts the process of a nursery: a copy of this one for StartMethod::fork, else a fresh image of the program.
/// @param ours    the pool's end of the socket; closed in a copy
/// @param theirs  the nursery's end
/// @throws SerializationError, std::system_error as NurseryLink()
os::Pidfd start_nursery(const Memory& memory, const NurseryPlan& plan, Descriptor& ours, Descriptor& theirs);

}  // namespace cohort::pool
