// SPDX-License-Identifier: MIT
#include "sync/idle.hpp"

#include <time.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "sync/crew.hpp"

namespace bench {

namespace {

constexpr std::chrono::seconds kWatched{3};

// Processor time, user and system, that a child has used, in nanoseconds and not in ticks.
double seconds_of(pid_t child) {
    clockid_t clock;
    timespec time;
    if (::clock_getcpuclockid(child, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        throw std::runtime_error("the processor time of a child cannot be read");
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds_of(const Crew& crew) {
    double sum = 0;
    for (std::size_t i = 0; i != crew.size(); ++i) sum += seconds_of(crew.pid(i));
    return sum;
}

}  // namespace

double millionths_while_waiting(const std::function<void()>& wait, const std::function<void()>& end) {
    Crew crew;
    for (int i = 0; i != kIdlers; ++i)
        crew.start([&](Gate& gate) {
            gate.arrive();
            wait();
        });
    crew.await_arrivals(kIdlers);
    for (std::size_t i = 0; i != crew.size(); ++i) crew.await_sleep(i);
    const double before = seconds_of(crew);
    const auto begin = Clock::now();
    std::this_thread::sleep_for(kWatched);
    const double used = seconds_of(crew) - before;
    const double passed = seconds_between(begin, Clock::now());
    end();
    crew.join();
    return used / passed / kIdlers * 1e6;
}

}  // namespace bench
