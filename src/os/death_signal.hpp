// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace cohort::os {

/// Sees to it that this process is killed when its parent dies. Ends it at once if the parent is dead already.
///
/// The kernel's death signal comes when the parent *thread* ends. If that is not the main thread, the signal is one
/// whose handler looks whether the parent process is gone, and only then kills; a child that blocks or redefines that
/// signal (the last but one of the real-time signals) is out of its reach.
/// @param parent          who getppid() must say
/// @param by_main_thread  whether the parent's main thread made this process
void die_with_parent(pid_t parent, bool by_main_thread);

}  // namespace cohort::os
