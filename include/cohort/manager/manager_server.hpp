// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/channel/address.hpp>

#include <memory>

namespace cohort {

namespace manager {
class Server;
}

/// A manager's server in this process: made by BaseManager::get_server().
///
/// Thread safety: stop() is safe, also within serve_forever() of another thread. FORK: not for the child.
class COHORT_API ManagerServer {
public:
    /// Takes the server over.
    explicit ManagerServer(std::unique_ptr<manager::Server> server) noexcept;
    ~ManagerServer();
    ManagerServer(ManagerServer&& other) noexcept;
    ManagerServer& operator=(ManagerServer&& other) noexcept;

    /// Serves until stop(), or until a client shuts it down; then returns (Python's exits the process).
    void serve_forever();
    /// Ends serve_forever().
    void stop() noexcept;
    /// Where it listens, since it was made.
    const Address& address() const noexcept;

private:
    std::unique_ptr<manager::Server> server_;
};

}  // namespace cohort
