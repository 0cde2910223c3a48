// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/base_manager.hpp>
#include <cohort/manager/manager_server.hpp>

#include <thread>

namespace cohort::test {

/// In a thread of its own, whose connections end with it.
template <class F>
void use_as_client(const ManagerServer& server, F use) {
    std::thread([&] {
        BaseManager client({.address = server.address(), .authkey = "abc"});
        client.connect();
        use(client);
    }).join();
}

}  // namespace cohort::test
