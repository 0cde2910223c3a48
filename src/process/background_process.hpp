// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/codec.hpp>
#include <cohort/serial/source.hpp>

#include "process/image.hpp"

namespace cohort::process {

/// What a background process runs: it calls os::continue_in_background() and never returns.
using BackgroundWork = void (*)(int descriptor);

template <BackgroundWork Work>
struct BackgroundImage {
    static constexpr std::string_view kRole = kImageRole;
    static void run(serial::Source& in, void*) { Work(serial::read<int>(in)); }
};

/// As start_background(): `image` gives the token of `work` in a fresh image. Before `main` there are no tokens.
void start_background(serial::Token (*image)(), BackgroundWork work, int descriptor);

/// Starts a process that belongs to nobody, and returns when it has gone into the background. It is a fresh image,
/// which costs the same however large this process is and keeps none of its memory; a fork where none can be started.
/// @param descriptor  crosses to it under the same number; the caller's stays its own. -1: none
/// @throws std::system_error naming the step; Error if the process ended before it was in the background
template <BackgroundWork Work>
void start_background(int descriptor = -1) {
    start_background(serial::token_of<BackgroundImage<Work>>, Work, descriptor);
}

}  // namespace cohort::process
