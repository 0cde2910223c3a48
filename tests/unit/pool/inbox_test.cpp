// SPDX-License-Identifier: MIT
#include "pool/inbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <thread>
#include <vector>

using cohort::pool::Inbox;
using cohort::pool::QueueLinks;

namespace {

struct Call : QueueLinks {
    explicit Call(std::size_t its_number = 0) : QueueLinks(true), number(its_number) {}
    std::size_t number;
};

std::vector<std::size_t> numbers(QueueLinks* first) {
    std::vector<std::size_t> found;
    for (; first; first = first->after) found.push_back(static_cast<Call*>(first)->number);
    return found;
}

}  // namespace

TEST(Inbox, gives_what_was_put_the_oldest_first) {
    Inbox inbox;
    EXPECT_TRUE(inbox.empty());
    EXPECT_EQ(inbox.take(), nullptr);
    std::array<Call, 3> calls{Call(1), Call(2), Call(3)};
    for (Call& call : calls) EXPECT_TRUE(inbox.put(call));
    EXPECT_FALSE(inbox.empty());
    EXPECT_EQ(numbers(inbox.take()), (std::vector<std::size_t>{1, 2, 3}));
    EXPECT_TRUE(inbox.empty());
    EXPECT_TRUE(inbox.put(calls[1]));
    EXPECT_EQ(numbers(inbox.take()), (std::vector<std::size_t>{2}));
}

TEST(Inbox, when_closed_gives_what_is_there_and_takes_no_more) {
    Inbox inbox;
    Call early(1);
    Call late(2);
    EXPECT_TRUE(inbox.put(early));
    EXPECT_EQ(numbers(inbox.close()), (std::vector<std::size_t>{1}));
    EXPECT_FALSE(inbox.put(late));
    EXPECT_TRUE(inbox.empty());
    EXPECT_EQ(inbox.take(), nullptr);
    EXPECT_EQ(inbox.close(), nullptr);
    EXPECT_FALSE(inbox.put(late));
}

// Each call that was put is taken once, and those of one thread in their order.
TEST(Inbox, loses_nothing_between_threads) {
    constexpr std::size_t kThreads = 3;
    constexpr std::size_t kCalls = 2000;
    Inbox inbox;
    std::vector<std::vector<Call>> calls(kThreads);
    std::vector<std::size_t> refused(kThreads, 0);
    for (std::size_t thread = 0; thread != kThreads; ++thread) {
        calls[thread].reserve(kCalls);
        for (std::size_t i = 0; i != kCalls; ++i) calls[thread].emplace_back(thread * kCalls + i);
    }
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread != kThreads; ++thread)
        threads.emplace_back([&, thread] {
            for (Call& call : calls[thread])
                if (!inbox.put(call)) ++refused[thread];
        });
    std::vector<std::size_t> found;
    const auto note = [&](const std::vector<std::size_t>& some) {
        found.insert(found.end(), some.begin(), some.end());
    };
    while (found.size() < kCalls) note(numbers(inbox.take()));
    note(numbers(inbox.close()));
    for (std::thread& each : threads) each.join();
    std::vector<std::size_t> next(kThreads, 0);
    for (const std::size_t number : found) {
        ASSERT_EQ(number % kCalls, next[number / kCalls]);
        ++next[number / kCalls];
    }
    for (std::size_t thread = 0; thread != kThreads; ++thread) EXPECT_EQ(next[thread] + refused[thread], kCalls);
}
