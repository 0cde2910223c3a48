// SPDX-License-Identifier: MIT
// Threads that share the ends of a pipe.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

struct Item {
    int sender = 0;
    int number = 0;
    std::vector<int> body{};
};

constexpr int kSenders = 4;
constexpr int kItems = 500;

void send_items(const Connection& out, int sender) {
    // Some go in one packet, some do not.
    for (int i = 0; i < kItems; ++i)
        out.send(Item{sender, i, std::vector(i % 100 == 0 ? 50000U : static_cast<unsigned>(i % 50), i)});
}

TEST(PipeThreads, messages_stay_whole_and_each_goes_to_one_receiver) {
    auto [in, out] = Pipe({.duplex = false});
    std::vector<std::vector<std::atomic<int>>> seen(kSenders);
    for (auto& each : seen) each = std::vector<std::atomic<int>>(kItems);
    std::vector<std::thread> receivers, senders;
    for (int i = 0; i < 3; ++i)
        receivers.emplace_back([&seen, in = in] {
            try {
                for (std::vector<int> last(kSenders, -1);;) {
                    const auto item = in.recv<Item>();
                    const auto sender = static_cast<std::size_t>(item.sender);
                    for (const int each : item.body) ASSERT_EQ(each, item.number);
                    EXPECT_GT(item.number, last.at(sender));
                    last[sender] = item.number;
                    ++seen[sender].at(static_cast<std::size_t>(item.number));
                }
            } catch (const EofError&) {
            }
        });
    for (int i = 0; i < kSenders; ++i) senders.emplace_back(send_items, out, i);
    for (auto& sender : senders) sender.join();
    out.close();
    for (auto& receiver : receivers) receiver.join();
    for (const auto& of_sender : seen)
        for (const auto& count : of_sender) EXPECT_EQ(count, 1);
}

// The thread is in its call, or about to be: both must end well.
TEST(PipeThreads, a_close_lets_the_calls_of_others_finish) {
    for (int round = 0; round < 200; ++round) {
        auto [a, b] = Pipe();
        std::atomic<bool> begun{false};
        std::thread receiver([&begun, a = a] {
            begun = true;
            try {
                EXPECT_EQ(a.recv<int>(), 7);
            } catch (const ValueError&) {  // closed before the call
            }
        });
        while (!begun) std::this_thread::yield();
        if (round % 2) std::this_thread::yield();
        a.close();
        EXPECT_TRUE(a.closed());
        try {
            b.send(7);
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code(), std::errc::broken_pipe);
        }
        receiver.join();
        try {  // a message that nobody took is gone with its end
            b.recv<int>();
            ADD_FAILURE();
        } catch (const EofError&) {
        }
    }
}

TEST(PipeThreads, pipes_come_and_go) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([] {
            for (int n = 0; n < 200; ++n) {
                auto [a, b] = Pipe();
                auto [c, d] = Pipe();
                a.send(std::vector{c, d});
                const auto both = b.recv<std::vector<Connection>>();
                both.at(0).send(n);
                EXPECT_EQ(both.at(1).recv<int>(), n);
            }
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace cohort::test
