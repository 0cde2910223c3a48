// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::process {

/// Makes this copy of cohort the one that starts processes in this program. Several modules may each have a copy,
/// linked statically: two that did so would each have an exit hook, a list of children and a fork server. Thread
/// safety: any thread. If two copies begin at the very same time, both may be refused.
/// @returns false if another copy came first; true again for the copy that did
bool rule_program() noexcept;

}  // namespace cohort::process
