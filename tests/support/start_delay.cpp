// SPDX-License-Identifier: MIT
#include "support/start_delay.hpp"

#include <pthread.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace cohort::test {

namespace {

std::uint64_t longest_ns = 0;

// In a forked child: async-signal-safe.
void pause_at_random() {
    if (longest_ns == 0) return;
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    // Fibonacci hashing: processes that start one after the other wait for very different times.
    const auto seed = static_cast<std::uint64_t>(now.tv_nsec) ^ (static_cast<std::uint64_t>(::getpid()) << 20);
    const std::uint64_t wait_ns = (seed * 0x9e3779b97f4a7c15U >> 16) % longest_ns;
    constexpr std::uint64_t kSecond = 1'000'000'000;
    timespec left{static_cast<time_t>(wait_ns / kSecond), static_cast<long>(wait_ns % kSecond)};
    while (::nanosleep(&left, &left) != 0) {
    }
}

[[gnu::constructor(101)]] void begin() {
    const char* milliseconds = std::getenv("COHORT_TEST_START_DELAY");
    if (!milliseconds) return;
    longest_ns = std::strtoull(milliseconds, nullptr, 10) * 1'000'000;
    ::pthread_atfork(nullptr, nullptr, pause_at_random);
    pause_at_random();
}

}  // namespace

void link_start_delay() {}

}  // namespace cohort::test
