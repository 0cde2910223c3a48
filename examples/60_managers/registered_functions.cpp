// SPDX-License-Identifier: MIT
// A manager of one's own: clients, here or on other machines, call by name what the program has registered.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>

namespace {

int add(int a, int b) {
    return a + b;
}

void ask(const cohort::Address& address) {
    cohort::BaseManager manager({.address = address, .authkey = "abc"});
    manager.connect();
    const auto answers = manager.call<cohort::QueueProxy<std::string>>("answers");
    answers.put("2 + 3 = " + std::to_string(manager.call<int>("add", 2, 3)));
}

}  // namespace

int main() {
    cohort::Queue<std::string> answers;
    cohort::BaseManager manager({.address = cohort::Address::tcp("127.0.0.1", 0), .authkey = "abc"});
    manager.register_type("add", add);
    manager.register_type("answers", [answers] { return answers; });
    manager.start();

    cohort::Process client(ask, manager.address());  // with the port that was free
    client.start();
    std::cout << answers.get() << std::endl;
    client.join();
}
