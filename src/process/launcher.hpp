// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include "channel/ends.hpp"
#include "process/child_handle.hpp"
#include "process/child_identity.hpp"
#include "shm/tree.hpp"

#include <memory>

namespace cohort::process {

/// What a launcher starts. The two sides are alternatives: a copy of this process calls, a fresh image reads.
struct LaunchRequest {
    ChildIdentity identity;
    detail::FunctionRef<void()> call;                         ///< for forked children
    detail::FunctionRef<serial::Token(serial::Sink&)> write;  ///< for fresh images
    const channel::HandleHolder& given;                       ///< the handles that the call holds
    const shm::ChildLine& line;                               ///< the child's in the roster of the tree
};

/// The three ways to start a child. Each throws std::system_error, with the step in its text, when the child could not
/// be started; nothing is left then.
std::shared_ptr<ChildHandle> launch_by_fork(LaunchRequest& request);
std::shared_ptr<ChildHandle> launch_by_spawn(LaunchRequest& request);
std::shared_ptr<ChildHandle> launch_by_forkserver(LaunchRequest& request);

}  // namespace cohort::process
