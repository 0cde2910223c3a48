// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace cohort::os {

/// Has the kernel kill this process when its parent dies. Ends it at once if the parent is dead already.
///
/// The kernel's death signal comes when the parent *thread* ends. So it is asked for only if that is the main one; else
/// this process must have made sure before that somebody else kills it.
/// @param parent          who getppid() must say
/// @param by_main_thread  whether the parent's main thread made this process
void die_with_parent(pid_t parent, bool by_main_thread);

}  // namespace cohort::os
