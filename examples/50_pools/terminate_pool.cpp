// SPDX-License-Identifier: MIT
// terminate() ends what runs and drops what waits; so does the end of the pool's scope.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>

namespace {

using namespace std::chrono_literals;

int take_an_hour(cohort::Event& begun) {
    begun.set();
    std::this_thread::sleep_for(1h);
    return 1;
}

void print(const cohort::AsyncResult<int>& result) {
    try {
        std::cout << result.get() << '\n';
    } catch (const cohort::CancelledError&) {
        std::cout << "cancelled\n";
    }
}

cohort::AsyncResult<int> forgotten(cohort::Event& begun) {
    cohort::Pool pool(1);
    return pool.apply_async(take_an_hour, begun);  // and the pool goes
}

}  // namespace

int main() {
    cohort::Event begun;
    cohort::Pool pool(1);
    const auto running = pool.apply_async(take_an_hour, begun);
    const auto waiting = pool.apply_async(take_an_hour, begun);
    begun.wait();
    pool.terminate();
    pool.join();
    print(running);
    print(waiting);
    print(forgotten(begun));
}
