// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include "os/socket.hpp"
#include "os/tcp_socket.hpp"

#include <string>
#include <vector>

namespace cohort::os {

/// The addresses of a host, at least one, those of IPv4 first: Python's peers know no others.
///
/// getaddrinfo() cannot be told to stop. So a name that is looked up with a limit is looked up by a thread, which is
/// left to itself when the time is up: it ends when the resolver gives up.
/// @param flags  AI_PASSIVE, for example
/// @throws std::system_error  with a code of address_category() if the host is not known; ETIMEDOUT when the time is up
std::vector<SocketAddress> resolve(const TcpAddress& address, int flags, const Deadline& deadline);

/// Throws what a function of the resolver has returned.
[[noreturn]] void throw_resolver_error(int error, const char* call, const std::string& text);

}  // namespace cohort::os
