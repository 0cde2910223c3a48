// SPDX-License-Identifier: MIT
// Three workers wait for an event: one set() lets all of them go, also one that comes late.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

void work(const cohort::Event& event, int i) {
    std::cout << "Worker " << i << " waiting for event" << std::endl;
    event.wait();
    std::cout << "Worker " << i << " received event" << std::endl;
    std::this_thread::sleep_for(20ms);
    std::cout << "Worker " << i << " completed task" << std::endl;
}

}  // namespace

int main() {
    cohort::Event event;
    std::vector<cohort::Process> workers;
    for (const int i : cohort::range(3)) workers.emplace_back(work, event, i).start();
    std::this_thread::sleep_for(100ms);
    std::cout << "Main sets the event" << std::endl;
    event.set();
    for (cohort::Process& worker : workers) worker.join();
}
