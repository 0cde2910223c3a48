// SPDX-License-Identifier: MIT
#include "manager/yielder.hpp"

#include "os/affinity.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace {

using cohort::manager::Yielder;

void use_up(Yielder& yielder) {
    while (yielder.pays()) EXPECT_FALSE(yielder.wait([] { return false; }));
}

TEST(Yielder, looks_again_after_each_turn_of_others) {
    Yielder yielder;
    int looks = 0;
    while (!yielder.wait([&] { return ++looks % 3 == 0; })) {
    }
    EXPECT_EQ(looks % 3, 0);
}

TEST(Yielder, gives_up_when_it_does_not_pay) {
    Yielder yielder;
    use_up(yielder);
    int looks = 0;
    EXPECT_FALSE(yielder.wait([&] { return ++looks != 0; }));
    EXPECT_EQ(looks, 0);
}

TEST(Yielder, tries_again_now_and_then) {
    Yielder yielder;
    use_up(yielder);
    int waits = 0;
    while (!yielder.wait([] { return true; })) ++waits;
    EXPECT_GT(waits, 0);
    EXPECT_TRUE(yielder.pays());
}

TEST(Yielder, partners_on_one_processor_take_turns) {
    constexpr int kTurns = 10000;
    std::atomic<int> turn{0};
    const auto play = [&](int side) {
        cohort::os::bind_to_processor(0);
        Yielder yielder;
        const auto mine = [&]() noexcept { return turn.load() % 2 == side; };
        while (turn.load() < kTurns) {
            if (!mine() && !yielder.wait(mine)) continue;
            turn.fetch_add(1);
        }
    };
    std::thread partner(play, 1);
    std::thread(play, 0).join();
    partner.join();
    EXPECT_GE(turn.load(), kTurns);
}

}  // namespace
