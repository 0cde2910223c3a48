// SPDX-License-Identifier: MIT
// Tasks that are not wanted any more.
#include <cohort/cohort.hpp>

#include <unistd.h>

#include <iostream>
#include <vector>

namespace {

// [cancel]
int search(int place) {
    if (place != 3) ::pause();  // looks for ever
    return place;
}

void one() {
    cohort::Event begun;
    cohort::Pool pool(1);
    const auto running = pool.apply_async(search, cohort::args(0), {.on_start = [&] { begun.set(); }});
    const auto waiting = pool.apply_async(search, 1);
    begun.wait();
    waiting.cancel();  // is never run
    running.cancel();  // its worker is ended; another one takes the place
    try {
        running.get();
    } catch (const cohort::CancelledError& error) {
        std::cout << "cancelled: " << std::boolalpha << running.cancelled() << ' ' << waiting.cancelled() << '\n';
    }
    std::cout << "found at " << pool.apply(search, 3) << '\n';
}
// [/cancel]

// [first]
void first_of_several() {
    cohort::Pool pool(4);
    std::vector<cohort::AsyncResult<int>> results;
    for (const int place : cohort::range(4)) results.push_back(pool.apply_async(search, place));
    const auto [done, others] = cohort::wait(results, cohort::forever, cohort::first_completed);
    for (const auto& result : others) result.cancel();
    std::cout << "first: " << done.front().get() << '\n';
}
// [/first]

// [stream]
void enough() {
    cohort::Pool pool(2);
    for (const int n : pool.imap([](int i) { return i * i; }, cohort::range(1, 1'000'000'000))) {
        if (n <= 100) continue;
        std::cout << "the first square over 100: " << n << '\n';
        break;  // what was not run is not run any more
    }
}
// [/stream]

// [all]
void everything() {
    cohort::Pool pool(2);
    const auto result = pool.map_async(search, cohort::range(4));
    pool.terminate();
    std::cout << "terminated: " << result.cancelled() << '\n';
    pool.join();
}
// [/all]

}  // namespace

int main() {
    one();
    first_of_several();
    enough();
    everything();
}
