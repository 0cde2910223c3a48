// SPDX-License-Identifier: MIT
// Starts several processes, then joins them: together they take as long as the longest one.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

void task(const std::string& name, std::chrono::milliseconds time) {
    std::cout << name << " is running" << std::endl;
    std::this_thread::sleep_for(time);
    std::cout << name << " is done" << std::endl;
}

}  // namespace

int main() {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<cohort::Process> children;
    for (const int i : {1, 2, 3}) children.emplace_back(task, "Process " + std::to_string(i), i * 100ms);
    for (cohort::Process& child : children) child.start();
    for (cohort::Process& child : children) child.join();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    std::cout << "finish after " << elapsed.count() << " s\n";
}
