// SPDX-License-Identifier: MIT
#include "pool/chunking.hpp"

#include <gtest/gtest.h>

using cohort::pool::Chunking;
using namespace std::chrono_literals;

TEST(Chunking, a_chosen_size_is_kept_to_the_last_chunk) {
    Chunking chunking(7, 4);
    EXPECT_EQ(chunking.next(100), 7u);
    EXPECT_EQ(chunking.next(5), 5u);
    chunking.measure(50, [] { return Chunking::Clock::time_point(1s); });
    EXPECT_EQ(chunking.next(100), 7u);
}

TEST(Chunking, begins_with_single_items) {
    EXPECT_EQ(Chunking(0, 4).next(1'000'000), 1u);
}

TEST(Chunking, grows_to_a_millisecond_of_work) {
    Chunking chunking(0, 2);
    std::size_t ended = 0;
    Chunking::Clock::time_point now(1s);
    // Two workers, 10 us for each item.
    for (int i = 0; i != 20; ++i) {
        ended += 1000;
        now += 1000 * 10us / 2;
        chunking.measure(ended, [&] { return now; });
    }
    EXPECT_NEAR(static_cast<double>(chunking.next(1'000'000)), 100, 2);
}

TEST(Chunking, long_items_go_alone) {
    Chunking chunking(0, 2);
    std::size_t ended = 0;
    Chunking::Clock::time_point now(1s);
    for (int i = 0; i != 20; ++i) {
        ended += 10;
        now += 10 * 20ms / 2;
        chunking.measure(ended, [&] { return now; });
    }
    EXPECT_EQ(chunking.next(1'000'000), 1u);
}

TEST(Chunking, what_is_left_is_shared_by_all_workers) {
    Chunking chunking(0, 4);
    std::size_t ended = 0;
    Chunking::Clock::time_point now(1s);
    for (int i = 0; i != 20; ++i) {
        ended += 100'000;
        now += 1ms;
        chunking.measure(ended, [&] { return now; });
    }
    EXPECT_GT(chunking.next(1'000'000), 10'000u);
    EXPECT_LE(chunking.next(160), 11u);
    EXPECT_EQ(chunking.next(1), 1u);
}
