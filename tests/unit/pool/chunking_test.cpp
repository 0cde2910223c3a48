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
    EXPECT_LE(chunking.next(16'000), 1001u);
    EXPECT_EQ(chunking.next(1), 1u);
}

TEST(Chunking, no_chunk_is_shorter_than_what_it_costs) {
    Chunking chunking(0, 2);
    std::size_t ended = 0;
    Chunking::Clock::time_point now(1s);
    // 10 ns for each item: a millisecond has 100,000.
    for (int i = 0; i != 20; ++i) {
        ended += 1'000'000;
        now += 5ms;
        chunking.measure(ended, [&] { return now; });
    }
    EXPECT_GT(chunking.next(8000), 1000u);
    EXPECT_EQ(chunking.next(1000), 1000u);
    EXPECT_EQ(chunking.next(0), 0u);
}

TEST(Chunking, results_that_come_together_are_one_measurement) {
    Chunking chunking(0, 2);
    std::size_t ended = 0;
    Chunking::Clock::time_point now(1s);
    // Two workers, 100 us for each item, in chunks whose results come one right behind the other.
    for (int i = 0; i != 40; ++i) {
        const std::size_t items = chunking.next(1'000'000);
        now += items * 100us;
        for (int worker = 0; worker != 2; ++worker) {
            ended += items;
            now += 1us;
            chunking.measure(ended, [&] { return now; });
        }
        if (i > 10) {
            EXPECT_NEAR(static_cast<double>(chunking.next(1'000'000)), 10, 1) << i;
        }
    }
}
