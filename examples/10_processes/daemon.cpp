// SPDX-License-Identifier: MIT
// A daemonic process is ended with the program: it may run for ever and need not be told to stop.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>

namespace {

void count(const std::string& name, cohort::Event halfway) {
    for (int i = 0; i != 2; ++i) std::cout << "subprocess: " << name << "..." << i << std::endl;
    halfway.set();
    cohort::Event().wait();  // for ever
    std::cout << "this is never reached" << std::endl;
}

}  // namespace

int main() {
    const cohort::Event halfway;
    cohort::Process child({.daemon = true}, count, "hello", halfway);
    child.start();
    halfway.wait();
    std::cout << "end...\n";
}
