// SPDX-License-Identifier: MIT
// Nine processes pass three places. acquire() says whether there was one; with a time it would give up.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

namespace {

void pass(cohort::Semaphore places, const cohort::Value<int>& inside, int i) {
    if (places.acquire()) {
        std::cout << "process_" << i << " is one of " << inside.fetch_add(1) + 1 << std::endl;
        std::this_thread::sleep_for(20ms);
        inside.fetch_sub(1);
        places.release();
    }
}

}  // namespace

int main() {
    const cohort::Semaphore places(3);
    const cohort::Value<int> inside(0);
    for (const int i : cohort::range(9)) cohort::Process(pass, places, inside, i).start();
}
