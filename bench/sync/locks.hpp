// SPDX-License-Identifier: MIT
// What is done with every kind of lock: a type with lock() and unlock(), shared with the children of this process.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>

#include "support/workload.hpp"
#include "sync/contenders.hpp"
#include "sync/shared.hpp"

namespace bench {

inline constexpr int kAlone = 2'000'000;
inline constexpr int kIncrements = 500'000;  // of each of two processes

/// Nanoseconds of one call, of many in this process.
template <class Once>
double nanoseconds(Once once) {
    for (int i = 0; i != 1000; ++i) once();
    const double time = seconds([&] {
        for (int i = 0; i != kAlone; ++i) once();
    });
    return time / kAlone * 1e9;
}

template <class Lock>
double acquire_alone() {
    Lock lock;
    return nanoseconds([&] {
        lock.lock();
        lock.unlock();
    });
}

/// So many steps of xorshift, about a nanosecond each.
inline void work(int steps, std::uint64_t& state) {
    for (int i = 0; i != steps; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    asm volatile("" ::"r"(state));
}

struct Score {
    alignas(64) long counter = 0;  // plain: only the lock makes it right
    alignas(64) std::array<Clock::time_point, 2> ends{};
};

template <class Lock>
double contend(const Rivalry& rivalry) {
    Lock lock;
    Shared<Score> score;
    Crew crew(rivalry.place);
    for (std::size_t side : {0U, 1U})
        crew.start([&, side](Gate& gate) {
            std::uint64_t state = side + 1;
            lock.lock();  // makes this process known to what the lock needs
            lock.unlock();
            gate.wait();
            for (int i = 0; i != kIncrements; ++i) {
                lock.lock();
                ++score->counter;
                lock.unlock();
                work(rivalry.work_outside, state);
            }
            score->ends[side] = Clock::now();
        });
    const auto begin = crew.open();
    crew.join();
    expect(score->counter == 2L * kIncrements, "the counter is wrong: two held the lock");
    return 2e-6 * kIncrements / seconds_between(begin, std::max(score->ends[0], score->ends[1]));
}

template <class Lock>
LockContender lock_contender(std::string name) {
    return {std::move(name), acquire_alone<Lock>, contend<Lock>};
}

}  // namespace bench
