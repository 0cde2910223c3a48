// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::os {

/// Binds the calling thread, and the threads and children that it makes from now on, to one of the processors that it
/// may run on.
/// @param nth  counted round and round: any number is one of them
/// @throws std::system_error
void bind_to_processor(unsigned nth);

}  // namespace cohort::os
