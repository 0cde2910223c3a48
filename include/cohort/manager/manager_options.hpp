// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/channel/address.hpp>
#include <cohort/process/start_method.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace cohort {

/// The keyword arguments of a BaseManager. Their order is API (designated initializers).
struct ManagerOptions {
    Address address{};                          ///< none: a new name in the abstract namespace
    std::optional<std::string> authkey{};       ///< none: this process's
    std::optional<StartMethod> start_method{};  ///< of the server process; none: spawn, or fork if it has to run code
                                                ///< of this program: registered callables, `.initializer`
    std::function<void()> initializer{};        ///< called in the server process before it serves; needs fork
    Timeout shutdown_timeout = std::chrono::seconds(1);    ///< after which shutdown() ends the process by force
    bool allow_md5 = true;                                 ///< false: no Python before 3.12, which knows HMAC-MD5 only
    Timeout handshake_timeout = std::chrono::seconds(20);  ///< for a peer to prove that it has the key
    std::size_t max_message = std::size_t{1024} * 1024 * 1024;  ///< bytes of a request; who sends more is sent away
    bool shared_memory = true;  ///< clients of cohort on this machine that call often get 132 KiB each, and are quicker
    bool allow_unauthenticated = false;  ///< true: an empty key will do where other machines can connect
};

}  // namespace cohort
