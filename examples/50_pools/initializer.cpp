// SPDX-License-Identifier: MIT
// An initializer runs in each worker before its first task: for what all tasks need and only one process can have.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

std::string greeting = "none";  // each process has its own

void learn(const std::string& word) {
    greeting = word;
}

std::string greet(const std::string& name) {
    return greeting + ", " + name;
}

}  // namespace

int main() {
    const std::vector<std::string> names{"Ada", "Grace", "Barbara"};
    cohort::Pool pool({.processes = 2}, learn, "Hello");
    for (const std::string& each : pool.map(greet, names)) std::cout << each << '\n';
    std::cout << greet("main") << '\n';
}
