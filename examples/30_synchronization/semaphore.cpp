// SPDX-License-Identifier: MIT
// A semaphore of two lets two of five workers in at a time.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

void work(cohort::Semaphore semaphore, int i) {
    std::scoped_lock guard(semaphore);
    std::cout << "Worker " << i << " acquired semaphore" << std::endl;
    std::this_thread::sleep_for(20ms);
    std::cout << "Worker " << i << " released semaphore" << std::endl;
}

}  // namespace

int main() {
    const cohort::Semaphore semaphore(2);
    std::vector<cohort::Process> workers;
    for (const int i : cohort::range(5)) workers.emplace_back(work, semaphore, i).start();
    for (cohort::Process& worker : workers) worker.join();
}
