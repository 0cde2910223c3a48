// SPDX-License-Identifier: MIT
// A lock has one holder at a time, so that the two lines of a process stay together. The guard gives the lock back,
// also when an exception leaves the block.
#include <cohort/cohort.hpp>

#include <iostream>
#include <mutex>
#include <vector>

namespace {

void work(cohort::Lock lock, int i) {
    std::scoped_lock guard(lock);
    std::cout << "worker " << i << " has the lock" << std::endl;
    std::cout << "worker " << i << " gives it back" << std::endl;
}

}  // namespace

int main() {
    const cohort::Lock lock;
    std::vector<cohort::Process> workers;
    for (const int i : cohort::range(5)) workers.emplace_back(work, lock, i).start();
    for (cohort::Process& worker : workers) worker.join();
}
