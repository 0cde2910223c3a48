// SPDX-License-Identifier: MIT
#include "support/cores.hpp"

#include <sched.h>

#include <atomic>
#include <cstdint>
#include <cstring>

#include "support/child.hpp"
#include "support/shared.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

constexpr std::uint32_t kTimes = 100'000;

// Player 0 waits for even numbers, player 1 for odd ones.
void play(std::atomic<std::uint32_t>& ball, std::uint32_t player) {
    pin(static_cast<int>(player));
    for (std::uint32_t i = player; i < kTimes; i += 2) {
        while (ball.load(std::memory_order_acquire) != i) continue;
        ball.store(i + 1, std::memory_order_release);
    }
}

}  // namespace

void pin(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    ::sched_setaffinity(0, sizeof set, &set);
}

void unpin() {
    cpu_set_t all;
    std::memset(&all, 0xff, sizeof all);
    ::sched_setaffinity(0, sizeof all, &all);
}

double core_distance() {
    const Shared<std::atomic<std::uint32_t>> ball;
    Child other([&] { play(*ball, 1); });
    const double time = seconds([&] { play(*ball, 0); });
    unpin();
    other.wait();
    return time / kTimes * 1e9;
}

}  // namespace bench
