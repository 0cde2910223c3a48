// SPDX-License-Identifier: MIT
#include "shm/spinner.hpp"

#include <gtest/gtest.h>

using cohort::shm::Spinner;

TEST(Spinner, looks_before_it_spins) {
    Spinner spinner;
    int looks = 0;
    EXPECT_TRUE(spinner.spin([&] { return ++looks == 1; }));
    EXPECT_EQ(looks, 1);
}

TEST(Spinner, gives_up_when_it_does_not_pay) {
    Spinner spinner;
    for (int i = 0; i != 10; ++i) EXPECT_FALSE(spinner.spin([] { return false; }));
    EXPECT_EQ(spinner.budget().count(), 0);
    int looks = 0;
    EXPECT_FALSE(spinner.spin([&] { return ++looks < 0; }));
    EXPECT_EQ(looks, 1);
}

TEST(Spinner, tries_again_now_and_then) {
    Spinner spinner;
    for (int i = 0; i != 10; ++i) spinner.spin([] { return false; });
    bool spun = false;
    for (int i = 0; i != 100 && !spun; ++i) {
        int looks = 0;
        spun = spinner.spin([&] { return ++looks == 2; });
    }
    EXPECT_TRUE(spun);
}

// Waits that end at the second look, each followed by so many items.
bool is_paced_after_runs_of(std::uint64_t items) {
    Spinner spinner;
    std::uint64_t handled = 0;
    for (int wait = 0; wait != 200; ++wait) {
        int looks = 0;
        spinner.spin([&] { return ++looks == 2; }, handled);
        handled += items;
    }
    return spinner.is_paced();
}

TEST(Spinner, paces_the_reader_of_a_stream) {
    EXPECT_TRUE(is_paced_after_runs_of(100));
}
TEST(Spinner, does_not_pace_a_conversation) {
    EXPECT_FALSE(is_paced_after_runs_of(1));
}
