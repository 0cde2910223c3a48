// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::process {

/// The writing end of a pipe that every process of this tree has, and no other: the first process that starts a child
/// or needs it otherwise makes it, forked children inherit it, fresh images are given it. Nobody reads but the name
/// tracker, if there is one: it finds the end of the file when the last process of the tree has ended.
///
/// A process that has closed the descriptor (some programs close all that they do not know) begins a tree of its own.
///
/// Thread safety: any thread.
/// @returns the descriptor, owned by this process for good
/// @throws std::system_error
int tree_pipe();

/// The same, or -1 if this process has none.
int tree_pipe_if_any() noexcept;

/// In a fresh image, before its call: takes the end over that crossed under this number.
void adopt_tree_pipe(int descriptor);

/// Closes this process's end. What starts here afterwards is another tree. For tests, which leave nothing behind.
void leave_tree() noexcept;

}  // namespace cohort::process
