// SPDX-License-Identifier: MIT
// When main ends, daemonic processes are ended at once; only then the others are waited for.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

void count_for_ever(const std::string& name, cohort::Event halfway) {
    for (int i = 0;; ++i) {
        std::cout << "subprocess: " << name << "..." << i << std::endl;
        if (i == 1) halfway.set();
        std::this_thread::sleep_for(100ms);
    }
}

void count(const std::string& name, int times) {
    for (int i = 0; i != times; ++i) {
        std::this_thread::sleep_for(50ms);
        std::cout << "subprocess: " << name << "..." << i << std::endl;
    }
}

}  // namespace

int main() {
    const cohort::Event halfway;
    cohort::Process daemon({.daemon = true}, count_for_ever, "hello", halfway);
    cohort::Process other(count, "hi", 7);
    daemon.start();
    other.start();
    halfway.wait();
    std::cout << "end..." << std::endl;
}
