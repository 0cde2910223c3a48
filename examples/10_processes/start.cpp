// SPDX-License-Identifier: MIT
// Starts a function in a process of its own: start() does not wait for it, the end of the program does.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>

namespace {

void say_hello(const std::string& name, const cohort::Event& main_has_spoken) {
    main_has_spoken.wait();
    std::cout << "subprocess: " << name << '\n';
}

}  // namespace

int main() {
    cohort::Event main_has_spoken;
    cohort::Process child(say_hello, "hello_1", main_has_spoken);
    child.start();
    std::cout << "end..." << std::endl;
    main_has_spoken.set();
}
