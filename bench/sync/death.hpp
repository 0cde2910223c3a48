// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "sync/contenders.hpp"
#include "sync/shared.hpp"

namespace bench {

inline constexpr int kDeaths = 15;  // in a round, of holders without much memory

/// Memory of this process in small pages, every one of them touched. Goes with the process.
inline void touch(std::size_t bytes) {
    if (bytes == 0) return;
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    ::madvise(memory, bytes, MADV_NOHUGEPAGE);
    std::memset(memory, 1, bytes);
}

struct DeathBoard {
    Clock::time_point taken{};
    bool told = false;
};

/// @tparam Lock  lock() and unlock(), and lock_and_learn(), which also says whether the holder before has died
template <class Lock>
double one_death(std::size_t touched) {
    Lock lock;
    Shared<DeathBoard> board;
    Crew crew;
    crew.start([&](Gate& gate) {
        touch(touched);
        lock.lock();
        gate.arrive();
        for (;;) ::pause();
    });
    crew.await_arrivals(1);
    crew.start([&](Gate& gate) {
        gate.arrive();
        board->told = lock.lock_and_learn();
        board->taken = Clock::now();
        lock.unlock();
    });
    crew.await_arrivals(2);
    crew.await_sleep(1);
    const auto killed = crew.kill(0);
    crew.join(1);
    crew.join();
    expect(board->told, "the death of the holder was not told");
    return seconds_between(killed, board->taken) * 1e6;
}

template <class Lock>
DeathContender death_contender(std::string name) {
    return {std::move(name), [](std::size_t touched) {
                std::vector<double> times;
                for (int i = 0; i != (touched == 0 ? kDeaths : 1); ++i) times.push_back(one_death<Lock>(touched));
                const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
                std::nth_element(times.begin(), middle, times.end());
                return *middle;
            }};
}

}  // namespace bench
