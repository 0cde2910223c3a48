// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

namespace cohort::os {

/// Whether the descriptor is a terminal.
bool is_terminal(int descriptor) noexcept;

/// The terminal's width in columns; empty if it is no terminal or does not tell.
std::optional<unsigned> terminal_width(int descriptor) noexcept;

}  // namespace cohort::os
