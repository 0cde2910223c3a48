// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/channel/address.hpp>
#include <cohort/channel/connection.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace cohort {

/// The keyword arguments of Client(). Their order is API (designated initializers).
struct ClientOptions {
    std::optional<std::string> authkey{};  ///< the listener's; an empty one is a key; none: no handshake
    Timeout timeout = forever;             ///< for the connection to be made, a host's name to be looked up included
    bool allow_md5 = true;                 ///< false: no listener of Python before 3.12
    Timeout handshake_timeout = std::chrono::seconds(20);  ///< for TLS, and the listener to prove that it has the key
};

/// Connects to a Listener, in C++ or Python (multiprocessing.connection.Client). Both sides prove that they have the
/// key.
/// @throws std::system_error    nobody listens there: ENOENT, ECONNREFUSED, …, naming the address; a host is not known
/// @throws TimeoutError         `.timeout` is over
/// @throws AuthenticationError  the listener has another key, or none, or is no listener; its certificate is refused,
/// or it has refused this side's; the text says which. Without a key, a listener that refuses this side's certificate
/// is heard of at the first call of the connection
/// @throws ValueError           no address; a file of a TLS address is of no use
/// Thread safety: safe. FORK: the connection's.
COHORT_API Connection Client(const Address& address, const ClientOptions& options = {});

}  // namespace cohort
