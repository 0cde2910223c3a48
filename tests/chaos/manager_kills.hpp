// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace cohort::test {

/// Kills one of eight clients of a manager so often, each within whatever it is doing: the server goes on, and nothing
/// of them is left in it.
void kill_clients(std::size_t times);

/// Kills a manager's server so often while eight clients use it and wait in it: the call of each of them throws
/// EofError or std::system_error, with the server's address.
void kill_servers(std::size_t times);

}  // namespace cohort::test
