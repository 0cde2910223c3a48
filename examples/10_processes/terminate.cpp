// SPDX-License-Identifier: MIT
// What a process knows of itself, and how it is ended from outside: the child is terminated before it says a word.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

void say_hello(const std::string& name) {
    std::this_thread::sleep_for(1min);
    std::cout << "subprocess: " << name << '\n';
}

}  // namespace

int main() {
    cohort::Process child(say_hello, "hello");
    child.start();
    std::cout << std::boolalpha;
    std::cout << "name " << child.name() << ", daemon " << child.daemon() << ", pid " << *child.pid() << '\n';
    std::cout << "key of " << child.authkey().size() << " bytes, alive " << child.is_alive() << '\n';
    child.terminate();
    child.join();
    std::cout << "exit code " << *child.exitcode() << "\nend...\n";
}
