// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include "os/pidfd.hpp"

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::process {

/// The role of trampolines that run in place of `main`.
inline constexpr std::string_view kImageRole = "image";

/// A fresh image of this program that was started.
struct StartedImage {
    pid_t pid;
    os::Pidfd process;
};

/// Whether start_image() can work here: the program has cohort's entry, and its `main` has begun.
bool can_start_image() noexcept;

/// Starts a fresh image of this program (`/proc/self/exe`, also when the file was replaced since). All static objects
/// of the program are constructed there; then, in place of `main`, the trampoline that `write` names is run on what
/// `write` wrote, and the image exits with 0.
/// @param descriptors  what crosses, under the same numbers, besides the standard streams and the tree's pipe
/// @throws SerializationError  from `write`; nothing was started
/// @throws Error              the program was linked without cohort's entry, or `main` has not begun
/// @throws std::system_error  the kernel refused; the text names the step
StartedImage start_image(detail::FunctionRef<serial::Token(serial::Sink&)> write, std::span<const int> descriptors);

}  // namespace cohort::process
