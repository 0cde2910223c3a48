// SPDX-License-Identifier: MIT
// wait() with a time says whether the event came: who waits can do something else meanwhile, here report.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <vector>

using namespace std::chrono_literals;

namespace {

void work(int i, const cohort::Event& go, cohort::Semaphore reports) {
    while (!go.wait(20ms)) {
        std::cout << "Process_" << i << " is ready" << std::endl;
        reports.release();
    }
    std::cout << "Process_" << i << " is running" << std::endl;
}

}  // namespace

int main() {
    cohort::Event go;
    std::vector<cohort::Semaphore> reports;
    for (const int i : {0, 1}) cohort::Process(work, i, go, reports.emplace_back(0)).start();
    for (cohort::Semaphore& of_one : reports)
        for (int n = 0; n != 3; ++n) of_one.acquire();
    go.set();
}
