// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace cohort::serial {

/// Does the looking up ahead of resolve(), for the calling thread and for the children that it forks afterwards. Loads
/// no library, runs no code and never fails.
/// @param message  begins with a token, as write_token() writes it
void resolve_ahead(std::span<const std::byte> message, std::string_view role) noexcept;

/// The part of it that is the same for all messages: learns which modules are loaded. For who does not know yet what
/// its children will resolve.
void learn_modules() noexcept;

}  // namespace cohort::serial
