// SPDX-License-Identifier: MIT
// Three processes do a first step; none begins the second before all have done the first.
#include <cohort/cohort.hpp>

#include <iostream>
#include <vector>

namespace {

void work(int i, cohort::Barrier barrier) {
    std::cout << "worker " << i << ": first step" << std::endl;
    barrier.wait();
    std::cout << "worker " << i << ": second step" << std::endl;
}

}  // namespace

int main() {
    const cohort::Barrier barrier(3);
    std::vector<cohort::Process> workers;
    for (const int i : cohort::range(3)) workers.emplace_back(work, i, barrier).start();
    for (cohort::Process& worker : workers) worker.join();
}
