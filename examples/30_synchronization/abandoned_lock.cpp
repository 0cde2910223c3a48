// SPDX-License-Identifier: MIT
// A process is killed while it holds a lock. Nobody waits for ever: the next one gets the lock, and is told.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

namespace {

void hold(cohort::Lock lock, cohort::Event holds_it) {
    lock.acquire();
    holds_it.set();
    std::this_thread::sleep_for(1min);
}

}  // namespace

int main() {
    cohort::Lock lock;
    const cohort::Event holds_it;
    cohort::Process child(hold, lock, holds_it);
    child.start();
    holds_it.wait();
    std::cout << std::boolalpha << "free: " << lock.acquire(false) << '\n';
    child.kill();
    child.join();
    std::cout << "free: " << lock.acquire() << ", abandoned: " << lock.abandoned() << '\n';
    lock.release();  // what it protects is in order again
    std::cout << "abandoned: " << lock.abandoned() << '\n';
}
