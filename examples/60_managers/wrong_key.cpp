// SPDX-License-Identifier: MIT
// Who does not have the manager's key is not let in.
#include <cohort/cohort.hpp>

#include <iostream>

int main() {
    cohort::BaseManager manager({.address = cohort::Address::tcp("127.0.0.1", 0), .authkey = "abc"});
    manager.register_type("answer", [] { return 42; });
    manager.start();

    cohort::BaseManager stranger({.address = manager.address(), .authkey = "abd"});
    try {
        stranger.connect();
    } catch (const cohort::AuthenticationError& error) {
        std::cout << "not let in\n";
    }

    cohort::BaseManager friendly({.address = manager.address(), .authkey = "abc"});
    friendly.connect();
    std::cout << friendly.call<int>("answer") << '\n';
}
