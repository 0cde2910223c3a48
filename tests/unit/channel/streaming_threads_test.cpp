// SPDX-License-Identifier: MIT
// Threads that put and get long messages, which go through a window.
#include <cohort/channel/queue.hpp>

#include "channel/cut_through.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using channel::cut_through_sizes;

TEST(StreamingThreads, each_message_is_whole) {
    const auto before = cut_through_sizes;
    cut_through_sizes.shown = 5'000;
    cut_through_sizes.streamed = 5'000;
    cut_through_sizes.piece = 1'024;
    cut_through_sizes.window = 4;
    cut_through_sizes.head_start = std::chrono::microseconds(500);
    constexpr int kItems = 300;
    const Queue<std::vector<int>> queue;
    std::vector<int> seen(2 * kItems);
    std::thread reader([&] {
        for (const auto& numbers : queue) {
            EXPECT_EQ(numbers, std::vector<int>(numbers.size(), numbers.front()));
            ++seen.at(static_cast<std::size_t>(numbers.front()));
        }
    });
    std::vector<std::thread> producers;
    for (int i = 0; i != 2; ++i)
        producers.emplace_back([&, i] {
            for (int item = 0; item != kItems; ++item)
                queue.put(std::vector<int>(item % 8 == 0 ? 3 : 5'000, 2 * item + i));
        });
    for (auto& producer : producers) producer.join();
    queue.close();
    reader.join();
    EXPECT_EQ(seen, std::vector<int>(2 * kItems, 1));
    cut_through_sizes = before;
}

}  // namespace
}  // namespace cohort::test
