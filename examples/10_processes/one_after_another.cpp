// SPDX-License-Identifier: MIT
// Joins each process before the next one starts: the place of join() decides whether they run side by side.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

void work(const std::string& name, std::chrono::milliseconds time) {
    std::cout << "this is " << name << std::endl;
    std::this_thread::sleep_for(time);
    std::cout << name << " finish" << std::endl;
}

}  // namespace

int main() {
    const auto begin = std::chrono::steady_clock::now();
    cohort::Process first(work, "fun1", 100ms);
    cohort::Process second(work, "fun2", 150ms);
    first.start();
    first.join();
    second.start();
    second.join();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    std::cout << "finish after " << elapsed.count() << " s\n";
}
