// SPDX-License-Identifier: MIT
// Tasks of two functions in one pool: they begin in the order in which they were submitted.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

void cook(int n) {
    std::this_thread::sleep_for(n * 20ms);
}

void wash(int n) {
    std::this_thread::sleep_for(n * 20ms);
}

}  // namespace

int main() {
    std::vector<std::string> begun;
    const auto note = [&begun](const char* what, int n) { begun.push_back(what + std::to_string(n)); };

    cohort::Pool pool(3);
    for (const int n : cohort::range(3, 8)) {
        pool.apply_async(cook, cohort::args(n), {.on_start = [=] { note("cook ", n); }});
    }
    for (const int n : cohort::range(3, 8)) {
        pool.apply_async(wash, cohort::args(n), {.on_start = [=] { note("wash ", n); }});
    }
    pool.close();
    pool.join();
    for (const std::string& each : begun) std::cout << each << '\n';
}
