// SPDX-License-Identifier: MIT
#pragma once

#include <span>

namespace cohort::os {

/// Makes the calling process a background one that belongs to nobody, and returns in a copy of it whose parent is init
/// (or the nearest subreaper): a session of its own, no open file but those of `keep` and /dev/null for the standard
/// streams, no signal that others send by habit (SIGINT, SIGTERM, SIGHUP, …) has an effect, the death of the former
/// parent neither. The calling process itself ends here, with status 0 when the copy has come so far, 1 if there is
/// none: its parent can wait for it.
/// @param name  what `ps` shows, at most 15 characters
/// @param keep  descriptors above 2, sorted here
void continue_in_background(const char* name, std::span<int> keep) noexcept;

}  // namespace cohort::os
