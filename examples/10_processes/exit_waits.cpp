// SPDX-License-Identifier: MIT
// The end of main is not the end of the program: what still runs is waited for.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

void count(const std::string& name, cohort::Event halfway, const cohort::Event& main_has_ended) {
    for (int i = 0; i != 5; ++i) {
        std::this_thread::sleep_for(20ms);
        std::cout << "subprocess: " << name << "..." << i << std::endl;
        if (i == 1) {
            halfway.set();
            main_has_ended.wait();
        }
    }
}

}  // namespace

int main() {
    const cohort::Event halfway;
    cohort::Event main_has_ended;
    cohort::Process child(count, "hello", halfway, main_has_ended);
    child.start();
    halfway.wait();
    std::cout << "end..." << std::endl;
    main_has_ended.set();
}
