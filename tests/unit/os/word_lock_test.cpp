// SPDX-License-Identifier: MIT
#include "os/word_lock.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace {

using cohort::os::WordLock;

TEST(WordLock, lets_one_thread_in_at_a_time) {
    constexpr int kThreads = 4;
    constexpr int kRounds = 20000;
    WordLock lock;
    int count = 0;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < kRounds; ++round) {
                std::scoped_lock guard(lock);
                ++count;
                if (round % 64 == 0) std::this_thread::yield();  // with the lock held: others find it taken, and sleep
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count, kThreads * kRounds);
}

}  // namespace
