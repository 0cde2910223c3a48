// SPDX-License-Identifier: MIT
#include "shm/doorbell.hpp"

#include "os/fault.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <thread>
#include <vector>

using cohort::shm::Doorbell;
using cohort::shm::Watch;
using cohort::test::Shared;
using Clock = std::chrono::steady_clock;

namespace {

struct Board {
    Doorbell bell{};
    std::atomic<int> value{0};
    std::atomic<int> asleep{0};
};

// The sleeper's half of the protocol.
void wait_for(Board& board, int value) {
    for (;;) {
        if (board.value.load() >= value) return;
        const auto ticket = board.bell.listen();
        if (board.value.load() >= value) return;
        board.bell.wait(ticket);
    }
}

TEST(Doorbell, wakes_every_sleeper) {
    Shared<Board> board;
    std::vector<cohort::test::ForkedChild> sleepers;
    for (int i = 0; i != 3; ++i) sleepers.emplace_back([&] { wait_for(*board, 1); });
    while (!board->bell.has_sleepers()) std::this_thread::yield();
    board->value = 1;
    board->bell.ring();
    for (auto& sleeper : sleepers) EXPECT_TRUE(sleeper.wait().success());
}

TEST(Doorbell, a_ring_after_listen_is_not_lost) {
    Doorbell bell;
    const auto ticket = bell.listen();
    bell.ring();
    EXPECT_FALSE(bell.has_sleepers());
    EXPECT_EQ(bell.wait(ticket), Doorbell::Woken::look);
}

TEST(Doorbell, makes_no_system_call_while_nobody_sleeps) {
    Doorbell bell;
    cohort::os::Fault futexes("futex_wake", EINVAL, 1'000'000);
    for (int i = 0; i != 100; ++i) bell.ring();
    EXPECT_EQ(futexes.calls(), 0);
    bell.listen();
    for (int i = 0; i != 100; ++i) bell.ring();
    EXPECT_EQ(futexes.calls(), 1);
}

TEST(Doorbell, a_sleep_ends_at_its_moment) {
    Doorbell bell;
    const auto until = Clock::now() + std::chrono::milliseconds(20);
    EXPECT_EQ(bell.wait(bell.listen(), until), Doorbell::Woken::timed_out);
    EXPECT_GE(Clock::now(), until);
}

TEST(Doorbell, no_sleep_is_longer_than_a_period) {
    Doorbell bell;
    const auto begin = Clock::now();
    EXPECT_EQ(bell.wait(bell.listen()), Doorbell::Woken::look);
    EXPECT_GE(Clock::now() - begin, Doorbell::kPeriod);
}

TEST(Doorbell, a_watched_word_ends_the_sleep) {
    Shared<Board> board;
    Shared<std::array<std::atomic<std::uint32_t>, 3>> words;
    cohort::test::ForkedChild changer([&] {
        while (!board->bell.has_sleepers()) std::this_thread::yield();
        (*words)[2] = 1;
    });
    const std::vector<Watch> watched{{&(*words)[0], 0}, {&(*words)[1], 0}, {&(*words)[2], 0}};
    const auto ticket = board->bell.listen();
    EXPECT_TRUE(changer.wait().success());
    EXPECT_EQ(board->bell.wait(ticket, {}, watched), Doorbell::Woken::look);
}

TEST(Doorbell, any_of_several_ends_the_sleep) {
    constexpr std::size_t kBells = Doorbell::kMostAtOnce;
    Shared<std::array<Doorbell, kBells>> bells;
    for (const std::size_t rung : {std::size_t{0}, kBells / 2, kBells - 1}) {
        std::vector<Watch> words;
        for (Doorbell& bell : *bells) words.push_back(bell.watch(bell.listen()));
        cohort::test::ForkedChild ringer([&] { (*bells)[rung].ring(); });
        while ((*bells)[rung].has_sleepers()) EXPECT_EQ(Doorbell::wait_any(words, {}), Doorbell::Woken::look);
        EXPECT_TRUE(ringer.wait().success());
    }
}

TEST(Doorbell, a_sleep_on_several_ends_at_its_moment_or_after_a_period) {
    std::array<Doorbell, 2> bells;
    const std::array<Watch, 2> words{bells[0].watch(bells[0].listen()), bells[1].watch(bells[1].listen())};
    const auto until = Clock::now() + std::chrono::milliseconds(20);
    EXPECT_EQ(Doorbell::wait_any(words, until), Doorbell::Woken::timed_out);
    EXPECT_GE(Clock::now(), until);
    const auto begin = Clock::now();
    EXPECT_EQ(Doorbell::wait_any(words, {}), Doorbell::Woken::look);
    EXPECT_GE(Clock::now() - begin, Doorbell::kPeriod);
}

void ping_pong(Board& mine, Board& other, bool begins, int times) {
    for (int i = 1; i <= times; ++i) {
        if (!begins) wait_for(mine, i);
        other.value = i;
        other.bell.ring();
        if (begins) wait_for(mine, i);
    }
}

TEST(Doorbell, two_processes_never_miss_each_other) {
    Shared<Board> left;
    Shared<Board> right;
    constexpr int kTimes = 5'000;
    cohort::test::ForkedChild child([&] { ping_pong(*right, *left, false, kTimes); });
    ping_pong(*left, *right, true, kTimes);
    EXPECT_TRUE(child.wait().success());
}

TEST(Doorbell, two_threads_never_miss_each_other) {
    Board left;
    Board right;
    constexpr int kTimes = 5'000;
    std::thread thread([&] { ping_pong(right, left, false, kTimes); });
    ping_pong(left, right, true, kTimes);
    thread.join();
}

}  // namespace
